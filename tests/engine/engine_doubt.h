#ifndef ENRICH_TESTS_ENGINE_ENGINE_DOUBT_H_
#define ENRICH_TESTS_ENGINE_ENGINE_DOUBT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine_harness.h"

namespace enrich {

// What becomes of Ada's result when her request gets no answer, and when one
// comes after all.
inline constexpr char kUnknown[] =
    "ada work_email=unknown[alpha=unknown/OUTCOME_UNKNOWN]";
inline constexpr char kCorrected[] =
    "ada work_email=found:ada@acme.example[alpha=found] supersedes 1";

// An engine with a request in doubt.
class EngineDoubtTest : public EngineHarness {
 protected:
  EngineDoubtTest() { options.park_unknown_after = absl::Hours(1); }

  // Submits Ada, whose request gets no answer.
  Call Doubt(const std::string& request_id = "r1",
             const std::string& person = "ada") {
    batch = SubmitPeople({person}, request_id);
    Call submit = OnlyCall();
    Answer(submit, TimesOut());
    return submit;
  }
  // Likewise, until it is parked.
  Call Park() {
    Call submit = Doubt();
    AdvanceBy(options.park_unknown_after);
    EXPECT_THAT(Events(batch), testing::ElementsAre(kUnknown, "finished 1/1"));
    return submit;
  }
  Chunk TheJob() {
    const std::vector<Chunk> jobs = JobsInDoubt();
    EXPECT_THAT(jobs, testing::SizeIs(1));
    return jobs.empty() ? Chunk{} : jobs[0];
  }
  // Approves the one job and returns the request that follows.
  Call ApproveAndSend() {
    EXPECT_THAT(Approve(OrderFor(TheJob()), Credits::Whole(1)), IsOk());
    return Sent();
  }
  Call Sent() {
    std::vector<Call> calls = Calls();
    EXPECT_THAT(calls, testing::SizeIs(1));
    return calls.empty() ? Call{} : std::move(calls[0]);
  }
  Chunk Read(int64_t key) {
    const auto chunk = store_->ReadChunk(key);
    EXPECT_THAT(chunk, IsOk());
    return chunk.ok() ? *chunk : Chunk{};
  }
  std::vector<AuditEntry> Audit() {
    EXPECT_THAT(store_->VerifyAudit(), IsOk());
    const auto entries = store_->ListAudit("t", 0, 100);
    EXPECT_THAT(entries, IsOk());
    return entries.ok() ? *entries : std::vector<AuditEntry>{};
  }

  static std::string Finds(const Call& call, const std::string& job) {
    return absl::StrCat("id ", job, "\nphase finished\ncost 1\nitem ",
                        call.Key(0), " work_email ada@acme.example\n");
  }
  static std::string FindsNothing(const Call& call, const std::string& job) {
    return absl::StrCat("id ", job, "\nphase finished\ncost 0\nitem ",
                        call.Key(0), " work_email -\n");
  }

  Batch batch;
};

}  // namespace enrich

#endif  // ENRICH_TESTS_ENGINE_ENGINE_DOUBT_H_
