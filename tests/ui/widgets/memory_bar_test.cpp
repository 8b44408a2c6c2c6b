// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/memory_bar.h"

#include "ui/theme/theme.h"
#include "ui/widgets/columns_layout.h"

namespace lorikeet::ui {
namespace {

constexpr int64_t kGiB = int64_t(1) << 30;
constexpr int kMiddle = 15; // of the bar, from above

QImage painted(const MemoryPicture& picture) {
    MemoryBar bar(true);
    bar.resize(400, bar.sizeHint().height());
    bar.setPicture(picture);
    return bar.grab().toImage();
}

QRgb tagRgb(const char* tag) {
    return memoryTagColor(tag, Theme::current().scheme()).rgb();
}

TEST(MemoryBar, DrawsEachTagAsLongAsItIsOfTheDevice) {
    const QImage image = painted({{{"weights", 2 * kGiB}, {"activations", 1 * kGiB}}, 0, 4 * kGiB});
    EXPECT_EQ(image.pixel(10, kMiddle), tagRgb("weights"));
    EXPECT_EQ(image.pixel(190, kMiddle), tagRgb("weights"));
    EXPECT_EQ(image.pixel(210, kMiddle), tagRgb("activations"));
    EXPECT_EQ(image.pixel(290, kMiddle), tagRgb("activations"));
    EXPECT_EQ(image.pixel(310, kMiddle), Theme::current().color(ColorToken::Selected).rgb());
}

TEST(MemoryBar, HatchesWhatLiesBeyondTheDeviceAndMarksItsEnd) {
    // 4 GiB are needed of 2, so the device ends in the middle.
    const QImage image = painted({{{"weights", 4 * kGiB}}, 0, 2 * kGiB});
    const QRgb surface = Theme::current().color(ColorToken::Surface).rgb();
    int hatched = 0, plain = 0;
    for (int x = 210; x < 390; ++x)
        hatched += image.pixel(x, kMiddle) != tagRgb("weights");
    for (int x = 10; x < 190; ++x)
        plain += image.pixel(x, kMiddle) == tagRgb("weights");
    EXPECT_GT(hatched, 40);
    EXPECT_EQ(plain, 180);
    EXPECT_NE(surface, tagRgb("weights"));
    EXPECT_EQ(image.pixel(199, 0), Theme::current().color(ColorToken::Danger).rgb());
}

TEST(MemoryBar, SaysItsPartsToAScreenReader) {
    MemoryBar bar(false);
    bar.setPicture({{{"weights", 2 * kGiB}, {"optimizer", 0}}, kGiB / 2, 4 * kGiB});
    EXPECT_EQ(bar.accessibleDescription(), "Other programs 512 MiB, Weights 2.00 GiB");
}

TEST(ColumnsLayout, HasFourColumnsThenTwoThenOneAndNoHoles) {
    QWidget box;
    auto* layout = new ColumnsLayout(&box);
    QList<QWidget*> parts;
    for (int i = 0; i < 4; ++i) {
        parts.append(new QWidget);
        parts.last()->setMinimumSize(100, 20);
        layout->addWidget(parts.last());
    }
    const int four = 4 * 100 + 3 * metrics::kGap, two = 2 * 100 + metrics::kGap;
    const int gap = metrics::kGrid + metrics::kInside;
    EXPECT_EQ(layout->heightForWidth(four), 20);
    EXPECT_EQ(layout->heightForWidth(four - 1), 20 + gap + 20);
    EXPECT_EQ(layout->heightForWidth(two), 20 + gap + 20);
    EXPECT_EQ(layout->heightForWidth(two - 1), 4 * 20 + 3 * gap);
    box.resize(four, 20);
    box.show();
    parts[1]->hide();
    layout->activate();
    EXPECT_EQ(parts[2]->x(), 100 + metrics::kGap);
}

} // namespace
} // namespace lorikeet::ui
