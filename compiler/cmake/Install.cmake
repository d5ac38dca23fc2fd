# cmake --install: the tools, the shared library with its header, and what CMake
# and pkg-config want to find it by. The component `library` is the part that
# others are built with.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS pdkc pdkc-opt pdk-sim COMPONENT tools
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS pdkc_library EXPORT pdkcTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
  PUBLIC_HEADER DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library)
target_include_directories(pdkc_library INTERFACE
  $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/compiler/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

set(CONFIG_FOLDER ${CMAKE_INSTALL_LIBDIR}/cmake/pdkc)
install(EXPORT pdkcTargets NAMESPACE pdkc:: FILE pdkcConfig.cmake
  DESTINATION ${CONFIG_FOLDER} COMPONENT library)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/pdkcConfigVersion.cmake
  COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_BINARY_DIR}/pdkcConfigVersion.cmake
  DESTINATION ${CONFIG_FOLDER} COMPONENT library)

# The folders are found from the place of the file itself, wherever it is moved.
file(RELATIVE_PATH ROOT /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/pdkc.pc @ONLY CONTENT
[=[prefix=${pcfiledir}/@ROOT@
libdir=${prefix}/@CMAKE_INSTALL_LIBDIR@
includedir=${prefix}/@CMAKE_INSTALL_INCLUDEDIR@

Name: pdkc
Description: Compiles trained low-bit networks to Padauk microcontrollers
Version: @PROJECT_VERSION@
Libs: -L${libdir} -lpdkc
Cflags: -I${includedir}
]=])
install(FILES ${CMAKE_BINARY_DIR}/pdkc.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)

# A man page for each tool, from its --help.
find_program(HELP2MAN help2man)
if(HELP2MAN)
  set(PURPOSE_pdkc "compile trained low-bit networks to Padauk microcontrollers")
  set(PURPOSE_pdkc-opt "run single passes of pdkc on MLIR files")
  set(PURPOSE_pdk-sim "run programs on a simulated Padauk microcontroller")
  foreach(TOOL pdkc pdkc-opt pdk-sim)
    set(PAGE ${CMAKE_BINARY_DIR}/man/${TOOL}.1)
    add_custom_command(OUTPUT ${PAGE} DEPENDS ${TOOL}
      COMMAND ${HELP2MAN} --no-info --no-discard-stderr
              --name=${PURPOSE_${TOOL}} --version-string=${PROJECT_VERSION}
              --output=${PAGE} $<TARGET_FILE:${TOOL}>
      VERBATIM)
    list(APPEND PAGES ${PAGE})
  endforeach()
  add_custom_target(pdkc_man ALL DEPENDS ${PAGES})
  install(FILES ${PAGES} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
    COMPONENT tools)
endif()

# cpack, in the build folder, packs what is built into a Debian package.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME pdkc)
set(CPACK_PACKAGE_CONTACT "pdkc's developers <pdkc@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
  "Compiler of low-bit neural networks to Padauk microcontrollers")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libc6 (>= 2.36), libstdc++6 (>= 12)")
file(WRITE ${CMAKE_BINARY_DIR}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_BINARY_DIR}/triggers)
include(CPack)
