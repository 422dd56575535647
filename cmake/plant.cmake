# cmake -DNAME=… -DROOT=… -DFILE=… -DPLACE=… -P plant.cmake
# Writes PLACE/FILE: ROOT/FILE, where the text of PLACE/find.txt has to occur exactly once, with that of
# PLACE/replace.txt in its place.
cmake_minimum_required(VERSION 3.25)
file(READ "${ROOT}/${FILE}" text)
file(READ "${PLACE}/find.txt" find)
file(READ "${PLACE}/replace.txt" replace)

string(FIND "${text}" "${find}" first)
string(FIND "${text}" "${find}" last REVERSE)
if(NOT first EQUAL last OR first EQUAL -1)
  message(NOTICE "error: mutant ${NAME}: this text must occur exactly once in ${FILE}:\n${find}")
  message(FATAL_ERROR "mutant ${NAME} cannot be planted")
endif()
string(REPLACE "${find}" "${replace}" text "${text}")
file(WRITE "${PLACE}/${FILE}" "${text}")
