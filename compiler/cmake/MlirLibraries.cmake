# How programs and libraries of ours are linked with MLIR: with its archives, of
# which the linker takes what is needed. That starts in a tenth of the time that
# the shared libraries take, and, as a library, lives beside other users of LLVM
# in one process.
#
# The archives' exported targets name the shared libLLVM as what they need, so
# the archives are collected here: `names` and all that they need, as paths.
function(get_archives result)
  set(wanted ${ARGN})
  set(seen "")
  set(archives "")
  while(wanted)
    list(POP_FRONT wanted name)
    if(name IN_LIST seen OR NOT name MATCHES "^(MLIR|LLVM)." OR NOT TARGET ${name})
      continue()
    endif()
    list(APPEND seen ${name})
    get_target_property(type ${name} TYPE)
    if(NOT type STREQUAL "STATIC_LIBRARY")
      continue()
    endif()
    list(APPEND archives $<TARGET_FILE:${name}>)
    get_target_property(needed ${name} INTERFACE_LINK_LIBRARIES)
    if(needed)
      list(APPEND wanted ${needed})
    endif()
  endwhile()
  set(${result} ${archives} PARENT_SCOPE)
endfunction()

get_archives(ARCHIVES MLIROptLib MLIRFuncDialect MLIRTransforms
  LLVMAsmParser LLVMBitReader LLVMCore LLVMSupport)

add_library(mlir_libraries INTERFACE)
target_link_libraries(mlir_libraries INTERFACE
  -Wl,--start-group ${ARCHIVES} -Wl,--end-group dl m)
target_link_options(mlir_libraries INTERFACE -Wl,--gc-sections)
