// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cpu/moment_map.h"

#include <cmath>
#include <limits>

#include "core/quant/quantize.h"

namespace lorikeet {
namespace {

MomentMap makeMomentMap(bool isSigned) {
    MomentMap map{dynamicMap(isSigned), {}};
    for (std::size_t code = 1; code < map.values.size(); ++code) {
        const float middle = (map.values[code - 1] + map.values[code]) * 0.5f;
        // nearestCode() gives a value halfway to the even code.
        map.begins[code] = code % 2 == 0 ? middle : std::nextafter(middle, std::numeric_limits<float>::infinity());
    }
    return map;
}

} // namespace

const MomentMap& momentMap(bool isSigned) {
    static const MomentMap signedMap = makeMomentMap(true);
    static const MomentMap unsignedMap = makeMomentMap(false);
    return isSigned ? signedMap : unsignedMap;
}

} // namespace lorikeet
