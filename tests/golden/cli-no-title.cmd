# args: --batch
# exit: 2
