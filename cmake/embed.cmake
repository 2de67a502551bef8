# fiducia_embed(target dir namespace function ext...) compiles the files below `dir` into the module whose
# name starts `target`, as `std::span<const EmbeddedFile> <namespace>::<function>()`.
function(fiducia_embed target dir ns fn)
  string(REGEX REPLACE "_.*" "" module ${target})
  if("${ARGN}" MATCHES "\\.")  # the name of one file
    set(files ${dir}/${ARGN})
  else()
    set(patterns "")
    foreach(ext ${ARGN})
      list(APPEND patterns ${dir}/*.${ext})
    endforeach()
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${patterns})
  endif()
  set(out ${CMAKE_BINARY_DIR}/generated/${target}.cc)
  add_custom_command(OUTPUT ${out}
    COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/embed.py ${out} ${dir} ${ns} ${fn} ${files}
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/tools/embed.py VERBATIM)
  set(EMBEDDED_${module} ${EMBEDDED_${module}} ${out} PARENT_SCOPE)
endfunction()
