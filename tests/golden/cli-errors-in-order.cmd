# args: --batch -e k -e ex -e contineu -e info -e handle -e thread=1 -e print -e set -e x/q -e b/3 @GUESTS@/finish.elf
# exit: 2
