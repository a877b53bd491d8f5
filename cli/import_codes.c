/*
 * import_codes.c: the codes that an import gave, as a table beside the file that was sent.
 */
#include "cli/import_codes.h"

#include "base/text.h"

#include <stdio.h>
#include <unistd.h>

static void
put_table(struct session *session, const struct csv *csv, const json_t *codes, struct text *text)
{
    struct csv_writer writer;
    int workplace = csv_find(csv, "workplace");
    csv_writer_init(&writer, text);
    csv_write(&writer, "line");
    csv_write(&writer, "code");
    csv_write(&writer, "workplace");
    csv_end_row(&writer);
    for (size_t i = 0; i < csv->count; i++) {
        const struct csv_row *row = &csv->rows[i];
        csv_write_number(&writer, row->line);
        csv_write(&writer, json_string_value(json_array_get(codes, i)));
        csv_write(
            &writer, workplace < 0 ? "" : text_trim(session->arena, row->cells[workplace].text));
        csv_end_row(&writer);
    }
}

bool
import_codes_write(struct session *session, const char *path, int fd, const struct csv *csv,
    const json_t *codes, const char *key)
{
    struct text text;
    if (json_array_size(codes) != csv->count) {
        close(fd);
        return error_set(&session->error, ERROR_INTERNAL, path,
            "They are registered, but rctd has told no code for each row; is it an older one?");
    }
    text_init(&text, session->arena);
    put_table(session, csv, codes, &text);
    FILE *file = fdopen(fd, "w");
    bool written = file != NULL && fwrite(text.bytes, 1, text.length, file) == text.length &&
                   fflush(file) == 0 && fsync(fd) == 0;
    written = (file != NULL ? fclose(file) : close(fd)) == 0 && written;
    if (!written)
        error_set_errno(&session->error, path,
            "They are registered, but %s could not be written: ask again with --key %s and another "
            "file, and the same codes come",
            path, key);
    return written;
}
