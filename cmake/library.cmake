# cairn_library(NAME MODULES m... MAP file EXPORT e DEPS modules... [LINK public libs...] [BUNDLE libraries...]
#               [EXTERNAL private libs...]): what users link, made of all objects of the modules and of what they need from
# the modules below.
#   libNAME.so   exports the symbols of the map and nothing else
#   libNAME.a    one relocatable object where every symbol that the shared library hides is local, so that an
#                application may have functions of the same names; behind it the objects of the BUNDLE, as they are in
#                their own archives, so that the linker takes each once, whichever archive it meets first
# Targets: NAME_shared and NAME_archive (with - as _).
function(cairn_library name)
    cmake_parse_arguments(arg "" "MAP;EXPORT" "MODULES;DEPS;LINK;BUNDLE;EXTERNAL" ${ARGN})
    string(REPLACE - _ target ${name})
    set(map ${CMAKE_CURRENT_SOURCE_DIR}/${arg_MAP})
    list(TRANSFORM arg_MODULES REPLACE "(.+)" "$<TARGET_OBJECTS:cairn_\\1>" OUTPUT_VARIABLE objects)
    list(TRANSFORM arg_MODULES REPLACE "(.+)" "$<TARGET_FILE:cairn_\\1>" OUTPUT_VARIABLE whole)

    add_library(${target}_shared SHARED ${objects})
    target_link_libraries(${target}_shared PUBLIC ${arg_LINK} PRIVATE ${arg_DEPS} ${arg_EXTERNAL} cairn_flags)
    target_include_directories(${target}_shared INTERFACE
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    # nodelete: threads and their destructors may be inside when somebody calls dlclose
    target_link_options(${target}_shared PRIVATE
        -Wl,--version-script=${map} -Wl,-Bsymbolic-functions -Wl,-z,nodelete)
    if(NOT CAIRN_SANITIZE)
        target_link_options(${target}_shared PRIVATE -Wl,-z,defs)
    endif()
    set_target_properties(${target}_shared PROPERTIES
        OUTPUT_NAME ${name} VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
        EXPORT_NAME ${arg_EXPORT} LINK_DEPENDS ${map})
    add_library(cairn::${arg_EXPORT} ALIAS ${target}_shared)

    set(archive ${CMAKE_CURRENT_BINARY_DIR}/lib${name}.a)
    set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.o)
    list(TRANSFORM arg_DEPS REPLACE "(.+)" "$<TARGET_FILE:\\1>" OUTPUT_VARIABLE below)
    set(bundled "")
    foreach(other IN LISTS arg_BUNDLE)
        get_property(file GLOBAL PROPERTY cairn_object_${other})
        list(APPEND bundled ${file})
    endforeach()
    add_custom_command(OUTPUT ${object}
        COMMAND ${CMAKE_LINKER} -r -o ${object} --whole-archive ${whole}
                --no-whole-archive ${below}
        COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${object}
        DEPENDS ${whole} ${arg_DEPS} COMMENT "Making ${name}.o" VERBATIM COMMAND_EXPAND_LISTS)
    set_property(GLOBAL PROPERTY cairn_object_${name} ${object})
    add_custom_command(OUTPUT ${archive}
        COMMAND ${CMAKE_COMMAND} -E rm -f ${archive}
        COMMAND ${CMAKE_AR} rcs ${archive} ${object} ${bundled}
        DEPENDS ${object} ${bundled} COMMENT "Making lib${name}.a" VERBATIM COMMAND_EXPAND_LISTS)
    add_custom_target(${target}_archive ALL DEPENDS ${archive})
    foreach(other IN LISTS arg_BUNDLE)
        string(REPLACE - _ other ${other})
        add_dependencies(${target}_archive ${other}_archive)
    endforeach()

    install(TARGETS ${target}_shared EXPORT cairn COMPONENT sdk LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
            COMPONENT sdk NAMELINK_COMPONENT sdk)
    install(FILES ${archive} DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT sdk)
    # pkg-config finds the prefix from the file's own place, so that an installation may be moved
    file(RELATIVE_PATH PC_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
    configure_file(${CMAKE_CURRENT_SOURCE_DIR}/${name}.pc.in ${name}.pc @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
            COMPONENT sdk)
endfunction()
