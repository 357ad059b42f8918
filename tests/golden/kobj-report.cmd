# title: lostwake.elf
# exit: 2
# The report in full, one root by its letter and by its object, its JSON in a file; and a root that there is not.
run
wedge -v
wedge -r B
wedge -r @2
wedge --json report.json
wedge -r Q
