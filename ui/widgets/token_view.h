// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QList>
#include <QTextEdit>

namespace lorikeet::ui {

/// A token as it is shown.
struct TokenText {
    enum class State : uint8_t {
        Read,    ///< the model sees it
        Trained, ///< the model learns to write it
        CutOff   ///< beyond the sequence length: the model never sees it
    };
    QString text; ///< as in the data: with real line breaks
    State state = State::Read;
    bool isSpecial = false; ///< stands for itself: lines do not break within it
    QString description;    ///< what its tool tip says
};

/// Text as tokens: neighbours in alternate tints, the trained ones green and underlined, those cut off struck out; line
/// breaks are seen as a mark. It can be read, selected and copied with mouse and keyboard; what is copied is the data's
/// own text, without the marks.
class TokenView : public QTextEdit {
    Q_OBJECT
public:
    /// `name` is what a screen reader calls it.
    explicit TokenView(const QString& name, QWidget* parent = nullptr);

    void setTokens(const QList<TokenText>& tokens);
    const QList<TokenText>& tokens() const { return m_tokens; }
    /// The index of the token at this place of the viewport; -1 where there is none.
    int tokenAt(const QPoint& place) const;
    /// The data's own text of what is selected.
    QString selectedSource() const;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    QMimeData* createMimeDataFromSelection() const override;

private:
    void fill();
    void insert(QTextCursor& cursor, const TokenText& token, const QTextCharFormat& format);
    QTextCharFormat formatOf(const TokenText& token, bool isAlternate) const;
    void underlineBlock(QPainter& painter, const QTextBlock& block) const;

    QList<TokenText> m_tokens;
    QList<int> m_ends;           ///< of each token, in the document
    QHash<int, QString> m_marks; ///< places of the document that show something else than the data has there
};

} // namespace lorikeet::ui
