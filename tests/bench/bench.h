/*
 * bench.h: how a bench program reports. bench.py runs each program of this folder and reads one
 * JSON object per line from its standard output.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Seconds that this process has computed. */
static inline double
bench_cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Was this bench asked for? The arguments are names; none means all. */
static inline int
bench_wanted(int argc, char **argv, const char *name)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return 1;
    return argc < 2;
}

/* `baseline` says in a few words what reached `against` in the same run. */
static inline void
bench_report(const char *name, double value, const char *unit, double against, const char *baseline)
{
    printf("{\"name\": \"%s\", \"value\": %.6g, \"unit\": \"%s\", \"against\": %.6g, "
           "\"baseline\": \"%s\", \"ratio\": %.4g}\n",
        name, value, unit, against, baseline, value / against);
    fflush(stdout);
}

#endif
