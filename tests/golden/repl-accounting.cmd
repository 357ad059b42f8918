# title: knockring.elf
# Where the time went: by thread, by object, by export, and each thread's waits.
run
info accounting
info accounting objects
info accounting exports
info accounting waits
set json on
info accounting
info accounting exports
