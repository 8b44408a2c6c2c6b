// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/failure.h"

#include <new>

#include <QCoreApplication>

namespace lorikeet::ui {

Failure currentFailure() {
    try {
        throw;
    } catch (const Error& error) {
        return {error.code(), QString::fromStdString(error.message())};
    } catch (const std::bad_alloc&) {
        return {ErrorCode::OutOfMemory, QCoreApplication::translate("Failure", "There is not enough memory.")};
    } catch (const std::exception& error) {
        return {ErrorCode::Io, QString::fromUtf8(error.what())};
    }
}

} // namespace lorikeet::ui
