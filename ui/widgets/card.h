// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QHBoxLayout;
class QLabel;
class QVBoxLayout;

namespace lorikeet::ui {

/// A bordered surface with a head (title on the left, room for controls on the right) and a body below.
class Card : public QFrame {
    Q_OBJECT
public:
    explicit Card(const QString& title = {}, QWidget* parent = nullptr);

    void setTitle(const QString& title);
    /// Controls go to its end; it is made when first asked for.
    QHBoxLayout* head();
    QVBoxLayout* body() const { return m_body; }
    /// The body goes to the card's edges, for tables.
    void setFlushBody();

private:
    QVBoxLayout* m_layout;
    QHBoxLayout* m_head = nullptr;
    QLabel* m_title = nullptr;
    QVBoxLayout* m_body;
};

} // namespace lorikeet::ui
