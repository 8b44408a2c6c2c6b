// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/backend.h"

namespace lorikeet {

Storage ExecutionContext::allocate(DType dtype, const Shape& shape, MemoryTag tag) const {
    return Storage(m_backend, dtype, shape, tag);
}

} // namespace lorikeet
