// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QClipboard>
#include <QHelpEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QTest>
#include <QToolButton>
#include <QToolTip>
#include <QVBoxLayout>

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/field.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/segmented_control.h"

namespace lorikeet::ui {
namespace {

TEST(SegmentedControl, TellsWhatIsClickedAndNotWhatIsSet) {
    SegmentedControl control("Method", {"QLoRA", "LoRA", "Full"});
    QSignalSpy chosen(&control, &SegmentedControl::chosen);
    control.show();
    control.setCurrent(2);
    EXPECT_EQ(chosen.count(), 0);
    QTest::mouseClick(control.segment(1), Qt::LeftButton);
    ASSERT_EQ(chosen.count(), 1);
    EXPECT_EQ(chosen.at(0).at(0).toInt(), 1);
    EXPECT_EQ(control.current(), 1);
}

TEST(SegmentedControl, ASegmentThatIsOffSaysWhy) {
    SegmentedControl control("Method", {"QLoRA", "Full"});
    control.show();
    control.setSegmentEnabled(1, false, "not with this model");
    QTest::mouseClick(control.segment(1), Qt::LeftButton);
    EXPECT_EQ(control.current(), 0);
    EXPECT_EQ(control.segment(1)->toolTip(), "not with this model");
}

TEST(Banner, ItsIconFollowsTheTheme) {
    Theme& theme = Theme::current();
    const Theme::Choice before = theme.choice();
    theme.setChoice(Theme::Choice::Light);
    Banner banner;
    banner.tell(LabelTone::Danger, "Failed.", "The disk is full.");
    const auto* icon = banner.findChild<QLabel*>();
    const QImage light = icon->pixmap().toImage();
    theme.setChoice(Theme::Choice::Dark);
    EXPECT_NE(icon->pixmap().toImage(), light);
    theme.setChoice(before);
}

TEST(Banner, ItsTextIsReachedAndCopiedByTheKeyboard) {
    QWidget window;
    auto* layout = new QVBoxLayout(&window);
    auto* before = new QPushButton("Before");
    auto* banner = new Banner;
    layout->addWidget(before);
    layout->addWidget(banner);
    window.show();
    banner->tell(LabelTone::Danger, "Not saved.", "The disk /media/usb is full.");
    ASSERT_TRUE(QTest::qWaitForWindowActive(&window));
    before->setFocus();
    QTest::keyClick(before, Qt::Key_Tab);
    ASSERT_TRUE(banner->isAncestorOf(QApplication::focusWidget()));
    EXPECT_EQ(QApplication::focusWidget()->accessibleName(), "The disk /media/usb is full.");
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_C, Qt::ControlModifier);
    EXPECT_EQ(QApplication::clipboard()->text(), "The disk /media/usb is full.");
}

template <typename View>
void expectFocusMovesNothing(View& view) {
    QWidget window;
    auto* layout = new QVBoxLayout(&window);
    auto* other = new QPushButton("Other");
    layout->addWidget(other);
    layout->addWidget(&view);
    window.resize(300, 300);
    window.show();
    other->setFocus();
    QCoreApplication::processEvents();
    const QRect before = view.contentsRect();
    view.setFocus();
    QCoreApplication::processEvents();
    EXPECT_TRUE(view.hasFocus());
    EXPECT_EQ(view.contentsRect(), before);
    view.setParent(nullptr);
}

TEST(StyleSheet, TheRingOfTheFocusMovesNoContent) {
    DataTable table("Table");
    expectFocusMovesNothing(table);
    QListView list;
    expectFocusMovesNothing(list);
    QSlider slider(Qt::Horizontal);
    const QSize unfocused = slider.sizeHint();
    slider.show();
    slider.setFocus();
    slider.style()->polish(&slider);
    QCoreApplication::processEvents();
    EXPECT_TRUE(slider.hasFocus());
    EXPECT_EQ(slider.sizeHint(), unfocused);
}

TEST(DataTable, TheRowUnderTheMouseIsLitAsAWhole) {
    QStandardItemModel model(3, 2);
    DataTable table("Runs");
    table.setModel(&model);
    table.resize(300, 250);
    table.show();
    const auto ground = [&](int row, int column) {
        const QPoint corner = table.visualRect(model.index(row, column)).topLeft() + QPoint(2, 2);
        return table.viewport()->grab().toImage().pixelColor(corner);
    };
    const QColor hover = Theme::current().color(ColorToken::Hover), plain = Theme::current().color(ColorToken::Surface);
    QTest::mouseMove(table.viewport(), table.visualRect(model.index(1, 0)).center());
    QCoreApplication::processEvents();
    EXPECT_EQ(ground(1, 0), hover);
    EXPECT_EQ(ground(1, 1), hover);
    EXPECT_EQ(ground(0, 0), plain);
    QEvent leave(QEvent::Leave);
    QCoreApplication::sendEvent(table.viewport(), &leave);
    EXPECT_EQ(ground(1, 0), plain);
}

TEST(Field, ItsDotResetsAndHoldsItsPlace) {
    auto* box = new QSpinBox;
    Field field("Rank", box, "How many directions the adapter has.");
    field.show();
    EXPECT_EQ(box->accessibleName(), "Rank");
    auto* dot = field.findChild<QToolButton*>();
    EXPECT_FALSE(dot->isVisible());
    const QSize size = field.sizeHint();
    QSignalSpy reset(&field, &Field::resetWanted);
    field.setDiffers(true, "16");
    ASSERT_TRUE(dot->isVisible());
    EXPECT_EQ(field.sizeHint(), size);
    EXPECT_TRUE(dot->accessibleName().contains("16"));
    QTest::mouseClick(dot, Qt::LeftButton);
    EXPECT_EQ(reset.count(), 1);
}

TEST(Field, AnErrorStandsBesideTheLabelAndMarksTheControl) {
    auto* box = new QSpinBox;
    Field field("Rank", box, "How many directions the adapter has.");
    field.setState(FieldState::Error, "1 to 1024");
    EXPECT_EQ(box->property("state").toString(), "error");
    bool isShown = false;
    for (const QLabel* label : field.findChildren<QLabel*>())
        isShown |= label->text() == "1 to 1024";
    EXPECT_TRUE(isShown);
}

TEST(Banner, AnotherMessageTakesAwayTheButtonsOfTheFirst) {
    Banner banner;
    banner.tell(LabelTone::Danger, "No model.", "Choose one.");
    banner.addAction("Choose");
    banner.tell(LabelTone::Plain, {}, "Deleted.");
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    EXPECT_TRUE(banner.findChildren<QPushButton*>().isEmpty());
    EXPECT_TRUE(banner.text().endsWith("Deleted."));
    EXPECT_TRUE(banner.isVisible());
}

TEST(EmptyState, ItsButtonIsTheWayOut) {
    EmptyState state("models", "No models", "A model is a folder or a GGUF file.", "Add a model");
    QSignalSpy clicked(&state, &EmptyState::clicked);
    state.show();
    QTest::mouseClick(state.findChild<QPushButton*>(), Qt::LeftButton);
    EXPECT_EQ(clicked.count(), 1);
}

TEST(FlowLayout, BreaksLinesWhereTheRoomEnds) {
    QWidget box;
    auto* layout = new FlowLayout(8, &box);
    for (int i = 0; i < 3; ++i) {
        auto* part = new QWidget;
        part->setFixedSize(100, 20);
        layout->addWidget(part);
    }
    EXPECT_EQ(layout->heightForWidth(316), 20); // 3 * 100 + 2 * 8
    EXPECT_EQ(layout->heightForWidth(315), 48);
    EXPECT_EQ(layout->heightForWidth(100), 76);
}

TEST(PlainToolTips, ShowLetterForLetterWhatLooksLikeFormattedText) {
    const auto shown = [](QWidget& widget, const QPoint& place) {
        QHelpEvent help(QEvent::ToolTip, place, widget.mapToGlobal(place));
        QCoreApplication::sendEvent(&widget, &help);
        return QToolTip::text();
    };
    QLabel label("name");
    label.setToolTip("<img src=x><b>name</b>");
    label.show();
    EXPECT_EQ(shown(label, {2, 2}), "<p>&lt;img src=x&gt;&lt;b&gt;name&lt;/b&gt;</p>");
    label.setToolTip("a < b & c");
    EXPECT_EQ(shown(label, {2, 2}), "a < b & c") << "which nothing takes for formatted";

    QListWidget list;
    list.addItem("item");
    list.item(0)->setToolTip("<i>item</i>");
    list.show();
    EXPECT_EQ(shown(*list.viewport(), list.visualItemRect(list.item(0)).center()), "<p>&lt;i&gt;item&lt;/i&gt;</p>");
    QToolTip::hideText();
}

TEST(Style, AnIconInAFieldStandsInItsMiddle) {
    QLineEdit field;
    field.addAction(icon("search", ColorToken::Secondary), QLineEdit::LeadingPosition);
    field.resize(200, field.sizeHint().height());
    field.show();
    const auto* button = field.findChild<QToolButton*>();
    ASSERT_TRUE(button);
    EXPECT_NEAR(button->geometry().center().y(), field.rect().center().y(), 1);
}

TEST(LiteralText, KeepsTheSignsThatButtonsAndMenusTakeForTheirs) {
    EXPECT_EQ(literalText("R&D"), "R&&D");
    EXPECT_EQ(literalText("a\tb\nc"), "a b c");
}

} // namespace
} // namespace lorikeet::ui
