#ifndef ENRICH_ADAPTERS_REST_FIXTURE_RUN_H_
#define ENRICH_ADAPTERS_REST_FIXTURE_RUN_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapters/rest/fixture.h"
#include "provider/adapter.h"

namespace enrich::rest {

// The state of a fixture between its steps: one request, and the job it became.
class FixtureRun {
 public:
  // Both must outlive this.
  FixtureRun(const Fixture& fixture, const ProviderAdapter& adapter);
  FixtureRun(const FixtureRun&) = delete;
  FixtureRun& operator=(const FixtureRun&) = delete;

  // Why the fixture cannot be run at all; empty when it can.
  const std::string& obstacle() const { return obstacle_; }

  // Of the next step.
  struct Outcome {
    // What is sent; of a webhook, what comes.
    HttpRequest request = {};
    // What the adapter makes of the answer: JSON as in `expect`.
    std::string answer = {};
    // Why there is none.
    std::string obstacle = {};
  };
  // REQUIRES: no obstacle.
  Outcome Run(const FixtureStep& step);

  const SubmitRequest& request() const { return request_; }
  // The job as the step before left it.
  const JobRef& job() const { return job_; }

 private:
  void AddItem(size_t index);
  Outcome RunSubmit(const FixtureStep& step);
  Outcome RunPoll(const FixtureStep& step);
  Outcome RunWebhook(const FixtureStep& step);
  Outcome RunBalance(const FixtureStep& step);
  Outcome RunToken(const FixtureStep& step);
  const Fixture& fixture_;
  const ProviderAdapter& adapter_;
  std::string obstacle_;
  std::string callback_url_;
  std::vector<SubmitItem> items_;
  SubmitRequest request_;
  JobRef job_;
};

// What a step of a fixture came to.
struct StepReport {
  FixtureStep::Kind kind = FixtureStep::Kind::kSubmit;
  int line = 0;
  // What is not as expected, a line each.
  std::vector<std::string> differences = {};
};

struct FixtureReport {
  // Those that went wrong.
  std::vector<StepReport> failures = {};
  bool passed() const { return failures.empty(); }
};

// Plays a fixture through an adapter that was made for FixtureAccount (and the
// fixture's country). `base_url` is what its paths are below.
FixtureReport RunFixture(const Fixture& fixture, const ProviderAdapter& adapter,
                         absl::string_view base_url);

}  // namespace enrich::rest

#endif  // ENRICH_ADAPTERS_REST_FIXTURE_RUN_H_
