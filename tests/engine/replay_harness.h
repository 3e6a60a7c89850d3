#ifndef ENRICH_TESTS_ENGINE_REPLAY_HARNESS_H_
#define ENRICH_TESTS_ENGINE_REPLAY_HARNESS_H_

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/engine_harness.h"

namespace enrich {

// An engine whose adapters read a webhook body as the test says: `spelling`
// stands for the version of an adapter that has learned better.
class ReplayHarness : public EngineHarness {
 protected:
  void Start() {
    for (auto& [name, capabilities] : providers) {
      traits[name].spelling = spelling;
    }
    EngineHarness::Start();
  }

  // A submission that the provider took as `job`.
  Call Accepted(const std::string& job = "j1") {
    Call call = OnlyCall();
    Answer(call, Ok(absl::StrCat("job ", job)));
    return call;
  }
  static HttpOutcome Ok(std::string body) {
    return {.maybe_sent = true,
            .response = HttpResponse{.status = 200, .body = std::move(body)}};
  }
  static std::string Says(const Call& call, const std::string& phase,
                          const std::string& value, size_t line = 0) {
    return absl::StrCat("phase ", phase, "\nitem ", call.Key(line),
                        " work_email ", value);
  }

  ReplayPage Replay(InboxFilter filter = {}) {
    filter.tenant = "t";
    std::optional<absl::StatusOr<ReplayPage>> page;
    engine->ReplayInbox(
        std::move(filter), 0,
        [&](absl::StatusOr<ReplayPage> result) { page = std::move(result); });
    Settle();
    EXPECT_TRUE(page.has_value());
    if (!page.has_value()) return {};
    EXPECT_THAT(*page, IsOk());
    return page->ok() ? **page : ReplayPage();
  }
  ReplayPage Redrive() {
    return Replay({.states = {InboxState::kQuarantined}});
  }
  static std::vector<ReplayedBody::Outcome> Outcomes(const ReplayPage& page) {
    std::vector<ReplayedBody::Outcome> outcomes;
    for (const ReplayedBody& body : page.bodies) {
      outcomes.push_back(body.outcome);
    }
    return outcomes;
  }
  void DeleteBodies() {
    std::promise<int64_t> deleted;
    store_->DeleteInboxBodies(clock.Now(), 100,
                              [&](absl::StatusOr<int64_t> count) {
                                deleted.set_value(count.value_or(-1));
                              });
    EXPECT_GE(deleted.get_future().get(), 0);
  }
  std::vector<InboxRow> Inbox() {
    const auto page = store_->ReadInbox({.tenant = "t"}, 0, 1000);
    EXPECT_THAT(page, IsOk());
    return page.ok() ? page->rows : std::vector<InboxRow>();
  }
  // Whatever is asked of a provider, submissions and fetches alike.
  void ExpectNothingIsAsked() {
    AdvanceBy(options.linger);
    EXPECT_THAT(Calls(), ::testing::IsEmpty());
  }

  // What the providers' word "new" stands for; shared with the adapters.
  std::shared_ptr<std::map<std::string, std::string>> spelling =
      std::make_shared<std::map<std::string, std::string>>();
};

}  // namespace enrich

#endif  // ENRICH_TESTS_ENGINE_REPLAY_HARNESS_H_
