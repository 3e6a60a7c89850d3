#ifndef ENRICH_TESTS_SIM_QUIET_PROVIDER_H_
#define ENRICH_TESTS_SIM_QUIET_PROVIDER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "simulator/environment.h"
#include "simulator/provider_api.h"

namespace enrich::sim {

// The provider file of a provider that pushes nothing: what becomes of a
// request is learnt by looking, and of one in doubt never.
extern const absl::string_view kQuietFile;

// Its API. Charges for what is found, once a job has ended.
class QuietProvider final : public simulator::ProviderApi,
                            public std::enable_shared_from_this<QuietProvider> {
 public:
  explicit QuietProvider(std::shared_ptr<simulator::Environment> environment)
      : env_(std::move(environment)) {}

  simulator::EndpointKind KindOf(absl::string_view method,
                                 absl::string_view path) const override;
  HttpResponse Handle(const simulator::ApiCall& call) override;
  void RecordUnhandled(const simulator::ApiCall& call, int status) override;
  HttpResponse ErrorAnswer(int status) const override;
  void SetBalance(Credits) override {}
  void Reset() override { jobs_.clear(); }
  void WriteTotals(json::Writer&) const override {}

 private:
  struct Wanted {
    std::string ref = {};
    simulator::PersonQuery person = {};
    bool email = false;
    bool phone = false;
  };
  struct Job {
    std::vector<Wanted> people = {};
    absl::string_view status = "queued";
    Credits cost = {};
  };

  static std::vector<Wanted> ReadPeople(absl::string_view body);
  simulator::Submission NewEntry(const simulator::ApiCall& call,
                                 const std::vector<Wanted>& people,
                                 int status) const;
  simulator::Person Find(const Wanted& wanted) const;
  void End(const std::string& id, bool fails);
  std::string Render(const Job& job) const;

  const std::shared_ptr<simulator::Environment> env_;
  std::map<std::string, Job, std::less<>> jobs_;
};

}  // namespace enrich::sim

#endif  // ENRICH_TESTS_SIM_QUIET_PROVIDER_H_
