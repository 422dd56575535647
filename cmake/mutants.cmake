# Planted errors. A mutant is the program with one text of one source file replaced; its test is that verify notices.
#
#   exeunt_mutant(NAME    order_off_by_one
#                 SAYS    "the exit order l* is one too large"
#                 FILE    theory/exit.cpp              # relative to the root
#                 FIND    [[std::ceil(ratio)]]         # occurs exactly once in FILE
#                 REPLACE [[std::ceil(ratio) + 1]]
#                 ARGS    verify wang2022 --threads 1  # of the program; run in a folder of its own
#                 [COMPILE sim/kernel_avx2.cpp …]      # what to recompile when FILE is a header; default FILE
#                 [FLAGS   -O1 …]                      # further compiler flags
#                 [EXPECT  1]                          # the exit status that says "noticed"; default 1, refuted
#                 [MATCH   "exit-split.*refuted"])     # a regular expression that the output has to match as well
#
# Write FIND and REPLACE in brackets, [[…]] or [=[…]=], where CMake changes nothing. A FIND that no longer occurs, or
# occurs twice, stops the build: a mutant cannot fade away when the code under it moves. Sources are compiled as in
# their own folder, flags of single files included, without warnings. For every ARGS there is also a test that the
# unchanged program exits 0.
#
# The executable holds the main program's object and the mutated ones, before the ordinary libraries: the linker has
# the mutated symbols first and never takes the original member out of its archive.

function(exeunt_mutant)
  cmake_parse_arguments(PARSE_ARGV 0 m "" "NAME;SAYS;FILE;FIND;REPLACE;EXPECT;MATCH" "COMPILE;FLAGS;ARGS")
  foreach(field NAME SAYS FILE FIND ARGS)
    if("${m_${field}}" STREQUAL "")
      message(FATAL_ERROR "mutant ${m_NAME}: ${field} is missing")
    endif()
  endforeach()
  if(DEFINED m_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "mutant ${m_NAME}: unknown: ${m_UNPARSED_ARGUMENTS}")
  endif()
  if("${m_EXPECT}" STREQUAL "")
    set(m_EXPECT 1)
  endif()
  if("${m_COMPILE}" STREQUAL "")
    set(m_COMPILE ${m_FILE})
  endif()
  set(place ${CMAKE_BINARY_DIR}/mutants/${m_NAME})
  set(target mutant_${m_NAME})

  # The texts travel in files: no quoting rule of a command line touches them.
  exeunt_write(${place}/find.txt "${m_FIND}")
  exeunt_write(${place}/replace.txt "${m_REPLACE}")
  set(plant ${CMAKE_SOURCE_DIR}/cmake/plant.cmake)
  add_custom_command(
    OUTPUT ${place}/${m_FILE}
    COMMAND ${CMAKE_COMMAND} -DNAME=${m_NAME} -DROOT=${CMAKE_SOURCE_DIR} -DFILE=${m_FILE} -DPLACE=${place} -P ${plant}
    DEPENDS ${CMAKE_SOURCE_DIR}/${m_FILE} ${place}/find.txt ${place}/replace.txt ${plant}
    COMMENT "Planting ${m_NAME} in ${m_FILE}"
    VERBATIM)

  add_executable(${target} $<TARGET_OBJECTS:exeunt> ${place}/${m_FILE})
  target_include_directories(${target} BEFORE PRIVATE ${place})
  target_compile_options(${target} PRIVATE ${m_FLAGS} -w)
  foreach(file ${m_COMPILE})
    string(REGEX REPLACE "/.*" "" folder ${file})
    if(file STREQUAL m_FILE)
      set(source ${place}/${file})
    else()
      set(source ${CMAKE_SOURCE_DIR}/${file})
      target_sources(${target} PRIVATE ${source})
    endif()
    foreach(property COMPILE_OPTIONS COMPILE_DEFINITIONS COMPILE_FLAGS)
      get_source_file_property(value ${CMAKE_SOURCE_DIR}/${file} TARGET_DIRECTORY exeunt_${folder} ${property})
      if(value)
        set_source_files_properties(${source} PROPERTIES ${property} "${value}")
      endif()
      if(NOT property STREQUAL COMPILE_FLAGS)
        get_target_property(value exeunt_${folder} ${property})
        if(value)
          set_property(TARGET ${target} APPEND PROPERTY ${property} ${value})
        endif()
      endif()
    endforeach()
    get_target_property(libraries exeunt_${folder} LINK_LIBRARIES)
    if(libraries)
      list(APPEND headers_of ${libraries})
    endif()
  endforeach()
  get_target_property(libraries exeunt LINK_LIBRARIES)
  target_link_libraries(${target} PRIVATE ${libraries} ${headers_of})

  exeunt_expect("mutant ${m_NAME}: ${m_SAYS}" ${m_EXPECT} "${m_MATCH}" ${place}/run $<TARGET_FILE:${target}> ${m_ARGS})
  string(MAKE_C_IDENTIFIER "${m_ARGS}" key)
  get_property(known GLOBAL PROPERTY exeunt_unchanged_${key})
  if(NOT known)
    set_property(GLOBAL PROPERTY exeunt_unchanged_${key} ON)
    string(JOIN " " words ${m_ARGS})
    exeunt_expect("no mutant: ${words}" 0 "" ${CMAKE_BINARY_DIR}/mutants/none/${key} $<TARGET_FILE:exeunt> ${m_ARGS})
  endif()
endfunction()

# A test that runs a program in an empty folder and looks at its exit status and output.
function(exeunt_expect name status match folder)
  add_test(NAME "${name}" COMMAND ${CMAKE_COMMAND} -DSTATUS=${status} "-DMATCH=${match}" -DFOLDER=${folder}
                                  -P ${CMAKE_SOURCE_DIR}/cmake/expect.cmake -- ${ARGN})
  set_tests_properties("${name}" PROPERTIES TIMEOUT 600 LABELS mutant ENVIRONMENT EXEUNT_ROOT=${CMAKE_SOURCE_DIR})
endfunction()

# Writes a text, but not when it is there already: an unchanged file keeps its time, and nothing is rebuilt.
function(exeunt_write file text)
  if(EXISTS "${file}")
    file(READ "${file}" present)
    if("${present}" STREQUAL "${text}")
      return()
    endif()
  endif()
  file(WRITE "${file}" "${text}")
endfunction()
