/* otlp_file.h - the file exporter on a descriptor that is open already. */
#ifndef SDK_OTLP_FILE_H
#define SDK_OTLP_FILE_H

#include <cairn/export.h>

/* fd is borrowed, or taken over when own is set. NULL when there is no memory. */
cairn_exporter *otlp_file_on(int fd, bool own);

#endif
