// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace lorikeet {

/// How many processors this thread may run on at once, at least 1: its affinity mask, cut to the quota of its control
/// group (version 2) where there is one.
int usableProcessors();

} // namespace lorikeet
