/* A file that calls itself MANIFEST: loaded; what is accepted is saved and loaded again and says the same. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "store/manifest.h"

static char dir[] = "/tmp/cairn-fuzz-XXXXXX", path[sizeof dir + 16];

static void remove_dir(void)
{
    unlink(path);
    rmdir(dir);
}

static void write_file(const uint8_t *data, size_t size)
{
    int fd;
    if (!path[0]) {
        FUZZ_CHECK(mkdtemp(dir));
        snprintf(path, sizeof path, "%s/MANIFEST", dir);
        atexit(remove_dir);
    }
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    close(fd);
}

static void save_again(const struct manifest *m)
{
    struct manifest again = {0};
    bool undecided = false;
    FUZZ_CHECK(manifest_save(dir, m, &undecided, NULL) == 0 && !undecided);
    FUZZ_CHECK(manifest_load(dir, &again, NULL) == 0);
    FUZZ_CHECK(again.next_part == m->next_part && again.salt == m->salt &&
               again.sealed_sequence == m->sealed_sequence && again.count == m->count);
    for (size_t i = 0; i < m->count; i++)
        FUZZ_CHECK(again.parts[i].number == m->parts[i].number &&
                   again.parts[i].bytes == m->parts[i].bytes &&
                   again.parts[i].checksum == m->parts[i].checksum);
    manifest_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct manifest m = {0};
    write_file(data, size);
    if (manifest_load(dir, &m, NULL) == 0) {
        save_again(&m);
        manifest_release(&m);
    }
    return 0;
}
