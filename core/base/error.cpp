// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"

namespace lorikeet {

std::string_view errorCodeName(ErrorCode code) {
    switch (code) {
    case ErrorCode::InvalidArgument:
        return "invalid_argument";
    case ErrorCode::BadFile:
        return "bad_file";
    case ErrorCode::BadConfig:
        return "bad_config";
    case ErrorCode::NotBuilt:
        return "not_built";
    case ErrorCode::NotFound:
        return "not_found";
    case ErrorCode::OutOfMemory:
        return "out_of_memory";
    case ErrorCode::Cancelled:
        return "cancelled";
    case ErrorCode::Busy:
        return "busy";
    case ErrorCode::DeviceLost:
        return "device_lost";
    case ErrorCode::Io:
        return "io";
    case ErrorCode::Network:
        return "network";
    }
    return "unknown";
}

} // namespace lorikeet
