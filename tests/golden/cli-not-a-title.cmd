# args: --batch @HERE@/cli-not-a-title.cmd
# exit: 2
