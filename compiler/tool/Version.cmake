# Writes Version.h, where the version or the commit is another one than before.
# Called at each build with SOURCE, the project's folder, OUTPUT and PDKC_VERSION.
execute_process(
  COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
  OUTPUT_VARIABLE PDKC_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT PDKC_COMMIT)
  set(PDKC_COMMIT unknown)
endif()
configure_file(${SOURCE}/compiler/tool/Version.h.in ${OUTPUT} @ONLY)
