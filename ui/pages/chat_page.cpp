// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat_page.h"

#include <QHBoxLayout>
#include <QPointer>
#include <QVBoxLayout>

#include "core/jobs/device_facts.h"
#include "ui/pages/chat_composer.h"
#include "ui/pages/chat_empty.h"
#include "ui/pages/chat_head.h"
#include "ui/pages/chat_headers.h"
#include "ui/pages/chat_list.h"
#include "ui/pages/chat_sampling.h"
#include "ui/pages/chat_side_header.h"
#include "ui/pages/chat_sides.h"
#include "ui/pages/chat_transcript.h"
#include "ui/session/studio.h"
#include "ui/theme/scale.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

namespace lorikeet::ui {
namespace {

constexpr int kRoomForSampling = 1040; ///< px of the page's width; where there is less, the sampling is folded away

} // namespace

ChatPage::ChatPage(Studio& studio, Navigator& navigator, QWidget* parent)
    : Page(studio, navigator, parent), m_shelf(studio.workshop()->folder()), m_service(studio.workshop()),
      m_sources(studio), m_talk(m_service, m_shelf), m_list(new ChatList(m_shelf, m_sources)),
      m_sampling(new ChatSamplingPanel) {
    setAccessibleName(tr("Chat"));
    m_talk.setLabeller([this](const ChatSide& side) { return m_sources.label(side); });
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_list);
    layout->addWidget(makeHairline(Qt::Vertical));
    layout->addWidget(makeCentre(), 1);
    m_besideSampling = makeHairline(Qt::Vertical);
    layout->addWidget(m_besideSampling);
    layout->addWidget(m_sampling);
    connectTalk();
    connectParts();
    beginNew();
}

ChatPage::~ChatPage() = default;

QWidget* ChatPage::makeCentre() {
    auto* centre = new QFrame;
    centre->setProperty("role", QStringLiteral("surface"));
    auto* layout = new QVBoxLayout(centre);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_head = new ChatHead;
    layout->addWidget(m_head);
    layout->addWidget(makeHairline());
    m_problem = new Banner;
    m_problem->setClosable(true);
    layout->addWidget(m_problem);
    m_headers = new ChatHeaders(m_sources);
    layout->addWidget(m_headers);
    m_transcript = new ChatTranscript(m_talk);
    m_empty = new ChatEmpty;
    m_transcript->setPlaceholder(m_empty);
    layout->addWidget(m_transcript, 1);
    layout->addWidget(makeHairline());
    auto* foot = new QVBoxLayout;
    foot->setContentsMargins(metrics::kGap, metrics::kGap, metrics::kGap, metrics::kGap);
    foot->setSpacing(metrics::kGrid);
    m_note = makeParagraph(tr("A run is training: it and the answers share the processor, so both are slower."),
                           LabelRole::Secondary);
    setTone(m_note, LabelTone::Warning);
    foot->addWidget(m_note);
    m_composer = new ChatComposer;
    foot->addWidget(m_composer);
    layout->addLayout(foot);
    return centre;
}

void ChatPage::connectTalk() {
    connect(&m_talk, &Talk::begun, this, [this] {
        m_sampling->forget();
        showTalk();
    });
    connect(&m_talk, &Talk::settingsChanged, this, &ChatPage::showTalk);
    connect(&m_talk, &Talk::turnAdded, this, &ChatPage::showTalk);
    connect(&m_talk, &Talk::turnsReplaced, this, &ChatPage::showTalk);
    connect(&m_talk, &Talk::answeringChanged, this, [this] { m_composer->setAnswering(m_talk.isAnswering()); });
    connect(&m_talk, &Talk::factsChanged, this,
            [this](int side, const ChatFacts& facts) { header(side).setFacts(facts); });
    connect(&m_service, &ChatService::released, this, [this](int side) { header(side).setFacts(std::nullopt); });
    connect(&m_shelf, &ConversationShelf::refused, this, &ChatPage::refuse);
    connect(&m_sources, &ChatSources::changed, this, &ChatPage::onSourcesChanged);
    connect(&studio().runs(), &RunFeed::changed, this, &ChatPage::showNote);
    connect(&studio().training(), &TrainingSession::changed, this, &ChatPage::showNote);
    connect(&studio().training(), &TrainingSession::ended, this, &ChatPage::showNote);
    showNote();
}

void ChatPage::connectParts() {
    connect(m_list, &ChatList::newWanted, this, &ChatPage::beginNew);
    connect(m_list, &ChatList::chosen, this, [this](const QString& id) {
        m_sampling->commit();
        m_list->setCurrent(id);
        m_talk.open(id);
    });
    connect(m_list, &ChatList::renamed, this, [this](const QString& id, const QString& title) {
        if (id == m_talk.id())
            m_talk.setTitle(title);
        else
            m_shelf.rename(id, title);
    });
    connect(m_list, &ChatList::deleteWanted, this, &ChatPage::removeConversation);
    connect(m_head, &ChatHead::sideBySideChosen, this, &ChatPage::setSideBySide);
    connect(m_head, &ChatHead::renameWanted, m_list, &ChatList::renameCurrent);
    connect(m_head, &ChatHead::deleteWanted, this, [this] { removeConversation(m_talk.id(), m_head->title()); });
    connect(m_headers, &ChatHeaders::chosen, this, &ChatPage::chooseSide);
    connect(m_composer, &ChatComposer::sendWanted, this, &ChatPage::send);
    connect(m_composer, &ChatComposer::stopWanted, this, [this] { m_talk.stop(); });
    connect(m_transcript, &ChatTranscript::resendWanted, this, &ChatPage::resend);
    connect(m_empty, &ChatEmpty::suggested, this, &ChatPage::send);
    connect(m_empty, &ChatEmpty::modelsWanted, this, [this] { emit navigator().pageWanted(PageId::Models); });
    connect(m_empty, &ChatEmpty::quickStartWanted, &navigator(), &Navigator::quickStartWanted);
    connect(m_sampling, &ChatSamplingPanel::samplingChanged, &m_talk, &Talk::setSampling);
    connect(m_sampling, &ChatSamplingPanel::systemPromptChanged, &m_talk, &Talk::setSystemPrompt);
    const auto fold = [this](bool shown) {
        m_wantsSampling = shown;
        setSamplingShown(shown);
    };
    connect(m_sampling, &ChatSamplingPanel::collapseWanted, this, [fold] { fold(false); });
    connect(m_head, &ChatHead::samplingWanted, this, [fold] { fold(true); });
}

ChatSideHeader& ChatPage::header(int side) {
    return m_headers->side(side);
}

void ChatPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    m_sources.setActive(true);
    readDevice();
    m_composer->setFocus();
}

void ChatPage::hideEvent(QHideEvent* event) {
    Page::hideEvent(event);
    m_sources.setActive(false);
}

void ChatPage::resizeEvent(QResizeEvent* event) {
    Page::resizeEvent(event);
    setSamplingShown(m_wantsSampling.value_or(width() >= scaled(kRoomForSampling)));
}

void ChatPage::setSamplingShown(bool shown) {
    m_sampling->setVisible(shown);
    m_besideSampling->setVisible(shown);
    m_head->setSamplingOffered(!shown);
}

void ChatPage::beginNew() {
    m_sampling->commit();
    ChatSettings settings;
    settings.sampling = m_talk.settings().sampling;
    settings.systemPrompt = m_talk.settings().systemPrompt;
    settings.sides = m_talk.settings().sides.empty() ? usualSides(m_sources) : m_talk.settings().sides;
    m_target.reset();
    m_talk.begin(settings);
    m_composer->setFocus();
}

void ChatPage::chatWith(const ChatTarget& target) {
    m_sampling->commit();
    ChatSettings settings;
    settings.sides = sidesFor(m_sources, target);
    m_target = target;
    m_talk.begin(settings);
    m_composer->setFocus();
    m_sources.refresh();
}

void ChatPage::onSourcesChanged() {
    if (m_talk.turns().empty() && m_talk.id().isEmpty()) {
        // What a run is called, and its step, may be known only now.
        if (m_target && !m_target->run.isEmpty())
            m_talk.setSides(sidesFor(m_sources, *m_target));
        else if (m_talk.settings().sides.empty())
            m_talk.setSides(usualSides(m_sources));
    }
    showTalk();
}

void ChatPage::setSideBySide(bool both) {
    std::vector<ChatSide> sides = m_talk.settings().sides;
    if (!both && sides.size() == 2) {
        sides = {sides[1].adapter && !sides[0].adapter ? sides[1] : sides[0]};
    } else if (both && sides.size() == 1) {
        if (sides[0].adapter)
            sides.insert(sides.begin(), m_sources.sideOf(sides[0].model));
        else if (const std::optional<ChatSide> partner = partnerOf(m_sources, sides[0]))
            sides.push_back(*partner);
    }
    m_talk.setSides(sides);
    m_composer->setFocus();
}

void ChatPage::chooseSide(int side, const ChatSide& source) {
    std::vector<ChatSide> sides = m_talk.settings().sides;
    if (side >= int(sides.size()))
        sides.resize(std::size_t(side) + 1);
    sides[std::size_t(side)] = source;
    m_target.reset();
    m_talk.setSides(sides);
}

void ChatPage::send(const QString& prompt) {
    if (m_talk.isAnswering() || m_talk.sides() == 0)
        return;
    m_sampling->commit();
    m_talk.send(prompt);
    m_composer->clear();
    m_composer->setFocus();
}

void ChatPage::resend(int turn, const QString& prompt) {
    if (m_talk.sides() == 0)
        return;
    const QString id = m_talk.id();
    const std::vector<ChatTurn> gone = m_talk.resend(turn, prompt);
    const int later = int(gone.size()) - 1;
    emit navigator().undoOffered(later == 0   ? tr("Sent again with another prompt.")
                                 : later == 1 ? tr("Sent again; the turn after it went.")
                                              : tr("Sent again; %1 later turns went.").arg(formatCount(later)),
                                 [page = QPointer<ChatPage>(this), id, turn, gone] {
                                     if (page)
                                         page->m_talk.putBack(id, turn, gone);
                                 });
    m_composer->setFocus();
}

void ChatPage::removeConversation(const QString& id, const QString& title) {
    if (id.isEmpty())
        return;
    m_shelf.setDeleted(id, true);
    const bool wasHere = id == m_talk.id();
    if (wasHere)
        beginNew();
    emit navigator().undoOffered(tr("Deleted “%1”.").arg(title), [page = QPointer<ChatPage>(this), id, wasHere] {
        if (!page)
            return;
        page->m_shelf.setDeleted(id, false);
        if (wasHere)
            page->m_talk.open(id);
    });
}

void ChatPage::refuse(const Failure& why) {
    m_problem->tell(LabelTone::Danger, tr("The conversation could not be read or kept."), why.message);
    m_list->setCurrent(m_talk.id()); // which stays where another one could not be opened
}

void ChatPage::showTalk() {
    m_head->setConversation(QString::fromStdString(m_talk.settings().title), int(m_talk.turns().size()),
                            !m_talk.id().isEmpty());
    m_list->setCurrent(m_talk.id());
    m_sampling->set(m_talk.settings().sampling, m_talk.settings().systemPrompt);
    m_composer->setAnswering(m_talk.isAnswering());
    showSides();
}

void ChatPage::showSides() {
    const std::vector<ChatSide>& sides = m_talk.settings().sides;
    const bool both = sides.size() > 1;
    m_headers->setSides(sides);
    if (!both)
        m_service.release(1);
    m_head->setSideBySide(both, both || (!sides.empty() && partnerOf(m_sources, sides[0])));
    const bool isNobody = sides.empty() && m_sources.isLoaded();
    m_composer->setSides(int(sides.size()), tr("There is no model to ask yet"));
    if (isNobody)
        m_empty->showNoModel();
    else
        m_empty->showSuggestions(both            ? tr("Ask both, side by side")
                                 : sides.empty() ? QString()
                                                 : tr("Ask %1").arg(m_sources.shortLabel(sides[0]) == tr("Base")
                                                                        ? m_sources.modelName(sides[0].model)
                                                                        : m_sources.shortLabel(sides[0])),
                                 m_target ? m_target->suggestions : QStringList());
}

void ChatPage::readDevice() {
    m_deviceTask = runInBackground(
        this, [workshop = studio().workshop()](const std::stop_token&) { return deviceFacts(*workshop); },
        [this](const DeviceFacts& facts) {
            const QString cores = facts.cores == 1 ? tr("1 core") : tr("%1 cores").arg(facts.cores);
            m_sampling->setDevice(
                QStringList{QString::fromStdString(facts.device).toUpper(), cores, formatMemory(facts.memory)}.join(
                    QStringLiteral(", ")));
        },
        [this](const Failure& why) { m_sampling->setDevice(why.message); });
}

void ChatPage::showNote() {
    m_note->setVisible(m_sources.isTraining());
}

} // namespace lorikeet::ui
