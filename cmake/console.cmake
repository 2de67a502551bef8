# The web console: built with npm from web/ and compiled into the module `console`.
file(GLOB_RECURSE console_sources CONFIGURE_DEPENDS
     ${CMAKE_SOURCE_DIR}/web/api/*.ts ${CMAKE_SOURCE_DIR}/web/ui/* ${CMAKE_SOURCE_DIR}/web/console/* ${CMAKE_SOURCE_DIR}/web/portal/* ${CMAKE_SOURCE_DIR}/web/sdk/*
     ${CMAKE_SOURCE_DIR}/web/locales/*.json ${CMAKE_SOURCE_DIR}/web/scripts/*)
list(FILTER console_sources EXCLUDE REGEX "/(schema\\.ts|locales/made/.*)$")
set(EMBEDDED_console ${CMAKE_BINARY_DIR}/generated/console_files.cc)
add_custom_command(OUTPUT ${EMBEDDED_console}
  COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/build_console.py ${CMAKE_SOURCE_DIR}/web ${EMBEDDED_console}
  DEPENDS ${console_sources} ${CMAKE_SOURCE_DIR}/openapi.yaml ${CMAKE_SOURCE_DIR}/web/package-lock.json
          ${CMAKE_SOURCE_DIR}/web/vite.config.ts ${CMAKE_SOURCE_DIR}/web/tsconfig.json
          ${CMAKE_SOURCE_DIR}/tools/build_console.py ${CMAKE_SOURCE_DIR}/tools/embed.py
  VERBATIM)
