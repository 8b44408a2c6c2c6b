# SPDX-License-Identifier: GPL-3.0-or-later
# How every target of the project is compiled, and the three kinds of target there are.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

find_program(LORIKEET_CCACHE ccache)
if(LORIKEET_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${LORIKEET_CCACHE})
endif()

add_library(lorikeet_options INTERFACE)
target_include_directories(lorikeet_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(lorikeet_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  # The same expression gives the same bits in every file: no silent fusing of a*b+c.
  -ffp-contract=off
  $<$<BOOL:${LORIKEET_WERROR}>:-Werror>)
if(LORIKEET_SANITIZE)
  add_compile_options(-fsanitize=${LORIKEET_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LORIKEET_SANITIZE})
endif()

# lorikeet_core_library(NAME LINKS...): the static library lorikeet_NAME from core/NAME/*.cpp and the folders within.
function(lorikeet_core_library name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*/*.cpp)
  add_library(lorikeet_${name} STATIC ${sources})
  target_link_libraries(lorikeet_${name} PUBLIC lorikeet_options ${ARGN})
endfunction()

# lorikeet_test(FOLDER LINKS...): the program test_FOLDER (slashes become underscores) from tests/FOLDER/*.cpp.
function(lorikeet_test folder)
  string(REPLACE "/" "_" name ${folder})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  target_link_libraries(test_${name} PRIVATE lorikeet_test_support ${ARGN} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND test_${name})
endfunction()
