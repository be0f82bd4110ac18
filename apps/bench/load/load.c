// bench-load http|echo|idle PORT [--connections N] [--depth D] [--size S] [--variety V] [--seconds T]
//            [--protocol http|echo], which idle needs and which is http by default
//
// Opens its connections, has one burst answered on each, prints `ready` and waits for a line on standard
// input: what opening costs a server stays out of the figures of whoever reads its CPU between `ready` and
// the last line. Then it runs for T seconds and prints one line of JSON; `idle` does not run. The connections
// stay open until standard input ends.
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static int usage(const char* fault)
{
    fprintf(stderr,
            "bench-load: %s\nusage: bench-load http|echo|idle PORT [--connections N] [--depth D] [--size S] "
            "[--variety V] "
            "[--seconds T] [--protocol http|echo]\n",
            fault);
    return 2;
}

static void raise_descriptor_limit(void)
{
    struct rlimit descriptors;
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
}

int main(int argc, char** argv)
{
    if (argc < 3)
    {
        return usage("mode and port are missing");
    }
    bool idle = strcmp(argv[1], "idle") == 0;
    const char* protocol = idle ? "http" : argv[1];
    struct plan plan = {
        .port = (unsigned)atoi(argv[2]), .connections = 64, .depth = 1, .size = 64, .variety = 1};
    double seconds = 1;
    for (int i = 3; i < argc; i += 2)
    {
        const char* name = argv[i];
        const char* value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(name, "--protocol") == 0)
        {
            protocol = value;
        }
        else if (strcmp(name, "--seconds") == 0)
        {
            seconds = atof(value);
        }
        else
        {
            size_t* number = strcmp(name, "--connections") == 0 ? &plan.connections
                             : strcmp(name, "--depth") == 0     ? &plan.depth
                             : strcmp(name, "--size") == 0      ? &plan.size
                             : strcmp(name, "--variety") == 0   ? &plan.variety
                                                                : NULL;
            if (number == NULL || (*number = strtoul(value, NULL, 10)) == 0)
            {
                return usage(name);
            }
        }
    }
    plan.http = strcmp(protocol, "http") == 0;
    if (!plan.http && strcmp(protocol, "echo") != 0)
    {
        return usage(protocol);
    }

    raise_descriptor_limit();
    traffic_open(&plan);
    struct outcome outcome = traffic_run(0);
    if (outcome.errors != 0)
    {
        fputs("bench-load: the first exchange failed\n", stderr);
        return 1;
    }
    puts("ready");
    fflush(stdout);

    int asked = getchar();
    if (!idle && asked != EOF)
    {
        outcome = traffic_run(seconds);
        printf("{\"exchanges\": %llu, \"errors\": %llu, \"bytes\": %llu, \"seconds\": %.6f, "
               "\"p50_us\": %.1f, \"p99_us\": %.1f}\n",
               (unsigned long long)outcome.exchanges, (unsigned long long)outcome.errors,
               (unsigned long long)outcome.bytes, outcome.seconds, (double)outcome.p50_ns / 1e3,
               (double)outcome.p99_ns / 1e3);
        fflush(stdout);
    }
    while (getchar() != EOF)
    {
    }
    return 0;
}
