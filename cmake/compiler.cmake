# Warnings are errors; hardening follows the OpenSSF compiler guide (docs/threat_model.md).
include(CheckCXXCompilerFlag)

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 -Wimplicit-fallthrough
                    -Wno-missing-field-initializers -Werror)

set(FIDUCIA_SANITIZE "" CACHE STRING "Sanitizers, for example address,undefined")
if(FIDUCIA_SANITIZE)
  add_compile_options(-fsanitize=${FIDUCIA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${FIDUCIA_SANITIZE})
  # g++ 12 reports false positives of these two once it instruments.
  add_compile_options(-Wno-maybe-uninitialized -Wno-array-bounds)
else()
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  foreach(flag -fstack-clash-protection -fstack-protector-strong -fcf-protection=full
               -ftrivial-auto-var-init=zero -fstrict-flex-arrays=3 -Wtrampolines)
    string(MAKE_C_IDENTIFIER "HAS${flag}" var)
    check_cxx_compiler_flag(${flag} ${var})
    if(${var})
      add_compile_options(${flag})
    endif()
  endforeach()
  add_link_options(-pie -Wl,-z,noexecstack,-z,relro,-z,now)
endif()

find_program(FIDUCIA_MOLD mold)
if(FIDUCIA_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
find_program(FIDUCIA_CCACHE ccache)
if(FIDUCIA_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${FIDUCIA_CCACHE})
endif()
