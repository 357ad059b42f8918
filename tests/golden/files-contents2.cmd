# args: info @GUESTS@/disc.iso
