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
