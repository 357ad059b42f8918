# args: info @GUESTS@/damaged.stfs
# exit: 0
