# Turns schema files into a C++ source that defines enrich::SchemaFiles(), see
# src/store/sqlite/schema.h. Runs as a script:
#   cmake -DFOLDER=schema -DOUTPUT=out.cc -P EmbedSql.cmake
# and, included, offers enrich_embed_sql(TARGET FOLDER).
if(CMAKE_SCRIPT_MODE_FILE)
  file(GLOB files ${FOLDER}/*.sql)
  list(SORT files)
  set(rows "")
  foreach(file ${files})
    get_filename_component(name ${file} NAME_WE)
    if(NOT name MATCHES "^0*([0-9]+)_")
      message(FATAL_ERROR "${file}: not named NNN_what.sql")
    endif()
    file(READ ${file} text)
    string(APPEND rows
      "      {${CMAKE_MATCH_1}, \"${name}\", R\"sql(${text})sql\"},\n")
  endforeach()
  file(WRITE ${OUTPUT} "#include \"store/sqlite/schema.h\"

namespace enrich {

absl::Span<const SchemaFile> SchemaFiles() {
  static constexpr SchemaFile kFiles[] = {
${rows}  };
  return kFiles;
}

}  // namespace enrich
")
  return()
endif()

set(ENRICH_EMBED_SQL ${CMAKE_CURRENT_LIST_FILE})
function(enrich_embed_sql TARGET FOLDER)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${TARGET}_schema.cc)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${FOLDER}/*.sql)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND}
      -DFOLDER=${CMAKE_CURRENT_SOURCE_DIR}/${FOLDER} -DOUTPUT=${output}
      -P ${ENRICH_EMBED_SQL}
    DEPENDS ${files} ${ENRICH_EMBED_SQL})
  target_sources(${TARGET} PRIVATE ${output})
endfunction()
