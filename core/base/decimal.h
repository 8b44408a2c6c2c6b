// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace lorikeet {

/// The double whose shortest decimal form is the float's: 0.1 for 0.1f, where a cast gives 0.10000000149011612. For
/// files and messages; the same under every locale.
double asDecimal(float value);

} // namespace lorikeet
