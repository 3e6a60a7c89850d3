#include "engine/reading.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "unit/engine/engine_parts.h"

namespace enrich {
namespace {

WebhookAnswer Base() {
  return {
      .provider_job_id = "j1",
      .answer = JobAnswer{
          .phase = JobPhase::kFinished,
          .items = {{.key = "k.0",
                     .fields = {FoundEmail("a@x.example"), FoundPhone("+331")},
                     .profile = Profile{}}}}};
}

TEST(Reading, EqualReadingsHaveEqualFingerprints) {
  EXPECT_EQ(ReadingOf(Base()), ReadingOf(Base()));
  WebhookAnswer with_raw = Base();
  with_raw.answer->items[0].raw = "{}";
  EXPECT_EQ(ReadingOf(with_raw), ReadingOf(Base()));
}

TEST(Reading, EveryPartOfAReadingCounts) {
  std::vector<WebhookAnswer> readings(14, Base());
  readings[1].provider_job_id = "j2";
  readings[2].fetch = true;
  readings[3].answer.reset();
  readings[4].answer->phase = JobPhase::kRunning;
  readings[5].answer->cost = Credits{};
  readings[6].answer->items[0].key = "k.1";
  readings[7].answer->items[0].fields[0].emails[0].quality =
      EmailQuality::kCatchAll;
  readings[8].answer->items[0].fields[1].phones[0].region = "FR";
  readings[9].answer->items[0].fields[0].credits = Credits{2};
  readings[10].answer->items[0].profile->company_headcount = 3;
  readings[11].answer->items[0].profile.reset();
  readings[12].answer->items[0].echo = InputEcho{.value = "a@x.example"};
  readings[13].answer->drift = {"odd"};
  std::set<std::string> fingerprints;
  for (const WebhookAnswer& reading : readings) {
    fingerprints.insert(ReadingOf(reading));
  }
  EXPECT_EQ(fingerprints.size(), readings.size());
}

}  // namespace
}  // namespace enrich
