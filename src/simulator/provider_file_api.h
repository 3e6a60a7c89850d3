#ifndef ENRICH_SIMULATOR_PROVIDER_FILE_API_H_
#define ENRICH_SIMULATOR_PROVIDER_FILE_API_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "simulator/environment.h"
#include "simulator/ledger.h"
#include "simulator/played_batch.h"
#include "simulator/played_request.h"
#include "simulator/provider_api.h"
#include "simulator/provider_books.h"
#include "simulator/provider_script.h"

namespace enrich::simulator {

// What can be read by one id.
struct PlayedJob {
  std::string id = {};
  std::string account = {};
  std::shared_ptr<PlayedBatch> batch = {};
  // The contact, where each has an id; else the batch's first.
  size_t contact = 0;
};

// The HTTP API that a provider file describes, by its fixtures: each contact
// gets what they show of one of theirs, with its own values in place of those.
// Strict in what the file says: credentials, literals, names, batch sizes.
//
// Whom it knows depends on the seed and the contact alone, as far as the
// fixtures have both: nothing is found of one whose values contain "notfound",
// everything of one whose values contain "found".
class ProviderFileApi final
    : public ProviderApi,
      public std::enable_shared_from_this<ProviderFileApi> {
 public:
  ProviderFileApi(std::shared_ptr<Environment> environment,
                  const ProviderFileOptions& options,
                  std::shared_ptr<const ProviderScript> script);

  EndpointKind KindOf(absl::string_view method,
                      absl::string_view path) const override;
  HttpResponse Handle(const ApiCall& call) override;
  void RecordUnhandled(const ApiCall& call, int status) override;
  HttpResponse ErrorAnswer(int status) const override;
  // Handle did it.
  HttpResponse Drifted(HttpResponse answer) const override { return answer; }
  void SetBalance(Credits balance) override;
  void Reset() override;
  void WriteTotals(json::Writer& out) const override;

 private:
  // Why the call is refused, if it is.
  std::optional<HttpResponse> Admit(const rest::RequestPlan& request,
                                    absl::string_view operation,
                                    const ApiCall& call)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  HttpResponse Submit(const ApiCall& call) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse Accept(const ApiCall& call, const PlayedCall& played,
                      Submission& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Where its pushes go; empty for nowhere.
  std::string CallbackOf(const PlayedCall& played) const;
  HttpResponse AnswerInline(const PlayedBatch& batch, Submission& entry)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse StartJob(const std::shared_ptr<PlayedBatch>& batch,
                        Submission& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Describe(const PlayedCall& played, Submission& entry) const;
  void FinishLater(const std::string& job_id);
  void Finish(PlayedBatch& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Push(const PlayedBatch& batch);
  void PushOne(const PlayedBatch& batch, const PlayedAnswer& answer,
               const std::vector<size_t>& contacts);

  HttpResponse Poll(const ApiCall& call) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  const PlayedJob* FindJob(const ApiCall& call)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse ReadJob(const ApiCall& call, const PlayedJob& job)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Null when the fixtures show none that fits.
  const PlayedAnswer* RunningAnswer(const PlayedBatch& batch,
                                    const PlayedAnswer& ending) const;

  HttpResponse IssueToken(const ApiCall& call)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse ReadBalance(const ApiCall& call)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  HttpResponse Rejected(absl::string_view operation, const std::string& reason,
                        int status) const;
  HttpResponse DriftAnswer(const PlayedBatch& batch, PlayedStep::Kind kind,
                           HttpResponse answer) const;
  std::string FreshId(const std::string& pattern) const;

  const std::shared_ptr<Environment> env_;
  const ProviderFileOptions& options_;
  const std::shared_ptr<const ProviderScript> script_;
  const BatchAnswers answers_;
  mutable Mutex mu_;
  ProviderBooks<PlayedJob> books_ ABSL_GUARDED_BY(mu_);
  // Of OAuth2; empty before the first.
  std::string token_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich::simulator

#endif  // ENRICH_SIMULATOR_PROVIDER_FILE_API_H_
