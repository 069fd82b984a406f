# libaftershock, shared and static: the rooms below sim/aftershock, without the command line's. Only
# what aftershock.h declares can be seen. The static one is one object in which all else is local,
# so that its names meet nobody's.

add_library(library_shared SHARED ${library_objects} $<TARGET_OBJECTS:room_vfs_disk>
  $<TARGET_OBJECTS:room_vfs_process>)
set_target_properties(library_shared PROPERTIES OUTPUT_NAME aftershock VERSION ${PROJECT_VERSION}
  SOVERSION 0 LINK_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/libaftershock.map)
target_link_options(library_shared PRIVATE -Wl,-z,now -Wl,--version-script=${CMAKE_SOURCE_DIR}/cmake/libaftershock.map)
target_link_libraries(library_shared PRIVATE project_base aftershock_engine project_sqlite PkgConfig::XXHASH
  PkgConfig::CYAML PkgConfig::JANSSON dl m)

# CMake orders no targets by a file of objects, so the static library waits for the shared one,
# which is made of the same.
set(static_library ${CMAKE_BINARY_DIR}/libaftershock.a)
add_custom_command(OUTPUT ${static_library}
  COMMAND ${CMAKE_SOURCE_DIR}/cmake/static.sh ${CMAKE_LINKER} ${CMAKE_OBJCOPY} ${CMAKE_AR} ${static_library}
    $<TARGET_FILE:aftershock_engine> ${library_objects} $<TARGET_OBJECTS:room_vfs_disk>
    $<TARGET_OBJECTS:room_vfs_process>
  DEPENDS library_shared ${CMAKE_SOURCE_DIR}/cmake/static.sh
  COMMAND_EXPAND_LISTS VERBATIM)
add_custom_target(library_static ALL DEPENDS ${static_library})

# ---- installing ----------------------------------------------------------------------------------
#
# PREFIX/bin/aftershock, PREFIX/lib/libaftershock.*, PREFIX/include/aftershock/,
# PREFIX/lib/aftershock/ for what the program starts or loads, and PREFIX/share/aftershock/.
# Everything is found from where the program or the library lies (sim/place.c), so a prefix may be
# moved. The program `engine` is no part of the test bed, and is not installed.

file(RELATIVE_PATH library_up_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
file(RELATIVE_PATH library_up_cmake /${CMAKE_INSTALL_LIBDIR}/cmake/Aftershock /)
configure_file(cmake/aftershock.pc.in ${CMAKE_BINARY_DIR}/aftershock.pc @ONLY)
configure_file(cmake/AftershockConfig.cmake.in ${CMAKE_BINARY_DIR}/AftershockConfig.cmake @ONLY)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/AftershockConfigVersion.cmake COMPATIBILITY SameMinorVersion)

install(TARGETS library_shared LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${static_library} DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES sim/aftershock/aftershock.h sim/subject/subject.h sim/subject/subject_of_orders.h
  sim/subject/subject_of_sql.h sim/subject/subject_rule.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/aftershock)
install(FILES ${CMAKE_BINARY_DIR}/aftershock.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${CMAKE_BINARY_DIR}/AftershockConfig.cmake ${CMAKE_BINARY_DIR}/AftershockConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Aftershock)
install(DIRECTORY scenarios DESTINATION ${CMAKE_INSTALL_DATADIR}/aftershock)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/aftershock)

# The Python package finds the library from where it lies, too; pytest finds its plug-in by the
# second folder.
set(python_folder lib/python3/dist-packages)
configure_file(python/METADATA.in ${CMAKE_BINARY_DIR}/python/METADATA @ONLY)
install(DIRECTORY python/aftershock DESTINATION ${python_folder} FILES_MATCHING PATTERN "*.py")
install(FILES ${CMAKE_BINARY_DIR}/python/METADATA python/entry_points.txt
  DESTINATION ${python_folder}/aftershock-${PROJECT_VERSION}.dist-info)
