#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine_harness.h"

namespace enrich {
namespace {

constexpr int kSeeds = 25;
constexpr int kSteps = 80;

// Batches full of duplicates, providers that fail in every way, and restarts,
// all by chance; and a ledger of what the providers were asked.
class EngineDuplicatesPropertyTest : public EngineHarness {
 protected:
  // What a provider has heard of a lookup.
  enum class Heard { kNever, kAsked, kAnswered, kFailed, kInDoubt };
  struct Entry {
    Heard heard = Heard::kNever;
    absl::Time time = absl::InfinitePast();
  };
  struct BatchMade {
    Batch batch = {};
    bool bypass = false;
    size_t contacts = 0;
  };
  struct Job {
    Call call;
    std::vector<std::string> keys;
  };

  int Below(int n) { return static_cast<int>(chance_->Uniform() * n); }

  void Run(uint64_t seed) {
    chance_ = std::make_unique<SeededRandom>(seed);
    Start();
    for (int i = 0; i < kSteps; ++i) Step();
    quiet_ = true;
    for (int i = 0; i < 60; ++i) {
      while (!jobs_.empty()) AnswerOne();
      Advance(absl::Minutes(2));
    }
    for (const BatchMade& made : batches_) {
      EXPECT_EQ(Events(made.batch).size(), made.contacts + 1);
    }
    EXPECT_EQ(Status("alpha").lookups_waiting, 0);
    EXPECT_EQ(Status("beta").lookups_waiting, 0);
    Stop();
  }

 private:
  void Step() {
    switch (Below(8)) {
      case 0:
      case 1:
      case 2:
        return MakeOne();
      case 3:
      case 4:
        return Advance(absl::Seconds(1 + Below(600)));
      case 5:
        return Advance(options.linger);
      case 6:
        if (!jobs_.empty()) AnswerOne();
        return;
      default:
        if (Below(3) == 0) Restart();
        TakeCalls();
    }
  }

  void MakeOne() {
    const std::string id = absl::StrCat("b", batches_.size());
    BatchRequest request = {.tenant = Below(4) == 0 ? "u" : "t",
                            .request_id = id,
                            .content_hash = Sha256(id),
                            .bypass_cache = Below(6) == 0};
    const int contacts = 1 + Below(12);
    for (int i = 0; i < contacts; ++i) {
      const std::string person(1, static_cast<char>('a' + Below(5)));
      // tenant.person.batch.position
      request.contacts.push_back(
          Twin(absl::StrCat(request.tenant, ".", person, ".", batches_.size(),
                            ".", i),
               person));
      if (Below(3) == 0) {
        request.contacts.back().contact.fields.push_back(ContactField::kPhone);
      }
    }
    const bool bypass = request.bypass_cache;
    const auto created = Submit(std::move(request));
    ASSERT_THAT(created, IsOk());
    batches_.push_back({created->batch, bypass, static_cast<size_t>(contacts)});
    if (Below(5) == 0) {
      engine->CancelBatch(created->batch.tenant, created->batch.id,
                          [](absl::StatusOr<Batch>) {});
    }
    TakeCalls();
  }

  void Advance(absl::Duration by) {
    AdvanceBy(by);
    TakeCalls();
  }

  void TakeCalls() {
    for (std::vector<Call> calls = Calls(); !calls.empty(); calls = Calls()) {
      for (Call& call : calls) Take(std::move(call));
    }
  }

  void Take(Call call) {
    if (!call.paid) return Answer(call, Responds(200, "phase running\n"));
    const int fate = quiet_ ? 9 : Below(12);
    if (fate == 0) return Answer(call, Refused());
    if (fate == 1) return Answer(call, Responds(429, ""));
    if (fate == 2) return Answer(call, Responds(400, "reject 0"));
    std::vector<std::string> keys;
    for (const std::vector<std::string>& line : call.lines) {
      int bits = 0;
      ASSERT_TRUE(absl::SimpleAtoi(line[2], &bits));
      for (const ContactField field : kAllContactFields) {
        if (!FieldSet::FromBits(static_cast<uint8_t>(bits)).Has(field)) {
          continue;
        }
        keys.push_back(Hear(call.url, line[1], field));
      }
    }
    if (fate == 3) {
      for (const std::string& key : keys) ledger_[key].heard = Heard::kInDoubt;
      return Answer(call, TimesOut());
    }
    Answer(call, Responds(200, absl::StrCat("job ", ++last_job_)));
    jobs_.push_back({std::move(call), std::move(keys)});
  }

  // The provider behind `url` is asked. Returns the lookup's name.
  std::string Hear(const std::string& url, const std::string& ref,
                   ContactField field) {
    const std::vector<std::string> parts = absl::StrSplit(ref, '.');
    std::string key =
        absl::StrCat(url, " ", parts[0], " ", parts[1], " ", FieldName(field));
    Entry& entry = ledger_[key];
    const BatchMade& made = batches_.at(std::stoul(parts[2]));
    const bool anew = made.bypass && entry.time <= made.batch.create_time;
    const bool settled =
        entry.heard == Heard::kAnswered || entry.heard == Heard::kInDoubt;
    EXPECT_TRUE(entry.heard == Heard::kNever || entry.heard == Heard::kFailed ||
                (settled && anew))
        << key << " is asked again";
    entry = {Heard::kAsked, clock.Now()};
    return key;
  }

  // A job ends; each of its lookups in one way or another.
  void AnswerOne() {
    const auto at = jobs_.begin() + Below(static_cast<int>(jobs_.size()));
    Job job = std::move(*at);
    jobs_.erase(at);
    std::string results = "phase finished\n";
    for (size_t i = 0; i < job.call.lines.size(); ++i) {
      int bits = 0;
      ASSERT_TRUE(absl::SimpleAtoi(job.call.lines[i][2], &bits));
      for (const ContactField field : kAllContactFields) {
        if (!FieldSet::FromBits(static_cast<uint8_t>(bits)).Has(field)) {
          continue;
        }
        constexpr const char* kValues[] = {"x@acme.example", "-", "!"};
        absl::StrAppend(&results, "item ", job.call.Key(i), " ",
                        FieldName(field), " ", kValues[Below(3)], "\n");
      }
    }
    NoteResults(job, results);
    Push(job.call, results);
    TakeCalls();
  }

  void NoteResults(const Job& job, const std::string& results) {
    size_t i = 0;
    for (const absl::string_view line : absl::StrSplit(results, '\n')) {
      if (!absl::StartsWith(line, "item ")) continue;
      ledger_[job.keys.at(i++)].heard =
          absl::EndsWith(line, "!") ? Heard::kFailed : Heard::kAnswered;
    }
  }

  std::unique_ptr<SeededRandom> chance_;
  std::map<std::string, Entry> ledger_;
  std::vector<BatchMade> batches_;
  std::vector<Job> jobs_;
  int last_job_ = 0;
  // Providers are up from now on.
  bool quiet_ = false;
};

class Seeds : public EngineDuplicatesPropertyTest,
              public ::testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(Chance, Seeds, ::testing::Range(1, kSeeds + 1));

TEST_P(Seeds, NoLookupIsBoughtTwiceUnlessAskedTo) {
  options.park_unknown_after = absl::Hours(1);
  for (auto& [name, capabilities] : providers) {
    capabilities.poll.give_up_after = absl::Hours(1000);
  }
  Run(static_cast<uint64_t>(GetParam()));
}

}  // namespace
}  // namespace enrich
