include_guard()
include(GoogleTest)

# Flags for code we wrote. Generated code does not link this.
# g++ 12 reports members of designated initialisers as maybe uninitialised when
# a StatusOr is built from them, and an assignment to a string as overlapping;
# the sanitizers find the real ones.
add_library(enrich_options INTERFACE)
target_compile_options(enrich_options INTERFACE
  -Wall -Wextra -Wconversion -Wno-sign-conversion
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized;-Wno-restrict>
  $<$<BOOL:${ENRICH_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)

if(ENRICH_SANITIZER)
  add_compile_options(-fsanitize=${ENRICH_SANITIZER}
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${ENRICH_SANITIZER})
endif()
if(ENRICH_SANITIZER MATCHES "undefined")
  # They cost more than a third of the compile time. ASan stops at a null
  # pointer, and we compile for no machine that faults on alignment.
  add_compile_options(-fno-sanitize=null,alignment,vptr)
endif()
if(ENRICH_SANITIZER STREQUAL "thread")
  # TSan does not see fences. Asio's only order what its mutexes order anyway.
  add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
if(ENRICH_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(ENRICH_COVERAGE)
  # Threads share the counters, which would lose counts and even go below 0.
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()
find_program(ENRICH_MOLD mold)
if(ENRICH_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# enrich_headers(NAME DEPS lib ... HEADERS header ...)
# Headers that most files of some targets include, compiled once for all of
# these. It has no flag and no definition that one of them lacks.
function(enrich_headers NAME)
  cmake_parse_arguments(ARG "" "" "DEPS;HEADERS" ${ARGN})
  file(CONFIGURE OUTPUT ${NAME}.cc CONTENT "")
  add_library(${NAME} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${NAME}.cc)
  target_link_libraries(${NAME} PRIVATE ${ARG_DEPS} enrich_options)
  target_compile_options(${NAME} PRIVATE -pthread)
  target_precompile_headers(${NAME} PRIVATE ${ARG_HEADERS})
endfunction()
if(ENRICH_PCH)
  set(plain <algorithm> <map> <memory> <optional> <string> <utility> <vector>
    <absl/status/statusor.h> <absl/strings/str_cat.h> <absl/time/time.h>)
  set(grpc <grpcpp/grpcpp.h> <enrich/v1/enrichment_service.grpc.pb.h>)
  enrich_headers(enrich_plain_headers
    DEPS absl::statusor HEADERS ${plain})
  enrich_headers(enrich_grpc_headers
    DEPS enrich_proto HEADERS ${plain} ${grpc})
  enrich_headers(enrich_test_headers
    DEPS GTest::gmock HEADERS ${plain} <gmock/gmock.h>)
  enrich_headers(enrich_grpc_test_headers
    DEPS enrich_proto GTest::gmock HEADERS ${plain} ${grpc} <gmock/gmock.h>)
endif()

# Has the target use them, where they are precompiled.
function(enrich_use_headers NAME HEADERS)
  if(ENRICH_PCH)
    target_compile_options(${NAME} PRIVATE -pthread)
    target_precompile_headers(${NAME} REUSE_FROM ${HEADERS})
  endif()
endfunction()

# enrich_layer(NAME [GRPC] FOLDERS dir ... DEPS lower ... [PRIVATE_DEPS lib ...])
# A layer is every source in its folders, except main.cc. GRPC: most of them
# include gRPC.
function(enrich_layer NAME)
  cmake_parse_arguments(ARG "GRPC" "" "FOLDERS;DEPS;PRIVATE_DEPS" ${ARGN})
  set(sources "")
  foreach(folder ${ARG_FOLDERS})
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cc)
    list(APPEND sources ${found})
  endforeach()
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  add_library(enrich_${NAME} STATIC ${sources})
  target_include_directories(enrich_${NAME} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(enrich_${NAME}
    PUBLIC ${ARG_DEPS}
    PRIVATE ${ARG_PRIVATE_DEPS} $<BUILD_INTERFACE:enrich_options>)
  if(ARG_GRPC)
    enrich_use_headers(enrich_${NAME} enrich_grpc_headers)
  else()
    enrich_use_headers(enrich_${NAME} enrich_plain_headers)
  endif()
endfunction()

# enrich_binary(NAME MAIN main.cc DEPS ...)
function(enrich_binary NAME)
  cmake_parse_arguments(ARG "" "MAIN" "DEPS" ${ARGN})
  add_executable(${NAME} ${ARG_MAIN})
  target_include_directories(${NAME} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${NAME} PRIVATE ${ARG_DEPS} enrich_options)
  if(ENRICH_JEMALLOC)
    target_link_libraries(${NAME} PRIVATE jemalloc)
  endif()
  install(TARGETS ${NAME} RUNTIME)
endfunction()

# enrich_test(NAME [GRPC] FOLDER dir DEPS ... LABEL unit [TIMEOUT seconds])
# One binary from every source in the folder. One label per binary:
# gtest_discover_tests keeps only the first. What may take long starts first.
function(enrich_test NAME)
  cmake_parse_arguments(ARG "GRPC" "FOLDER;LABEL;TIMEOUT" "DEPS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  file(GLOB sources CONFIGURE_DEPENDS
    ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_FOLDER}/*.cc)
  add_executable(${NAME} ${sources})
  target_include_directories(${NAME} PRIVATE
    ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${NAME} PRIVATE
    ENRICH_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${NAME} PRIVATE
    ${ARG_DEPS} enrich_options GTest::gmock_main)
  if(ARG_GRPC)
    enrich_use_headers(${NAME} enrich_grpc_test_headers)
  else()
    enrich_use_headers(${NAME} enrich_test_headers)
  endif()
  gtest_discover_tests(${NAME} TEST_PREFIX "${NAME}." DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT} COST ${ARG_TIMEOUT})
endfunction()
