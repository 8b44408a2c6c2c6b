// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace lorikeet {

/// What a store may do with the database, lorikeet.db in the data folder.
///
/// ReadWrite creates the database with its folder, or migrates it where an older version wrote it. ReadOnly creates
/// nothing and works beside any number of writers: while there is no database it reads as an empty one, and the real
/// one is found as soon as somebody makes it.
enum class StoreAccess { ReadWrite, ReadOnly };

} // namespace lorikeet
