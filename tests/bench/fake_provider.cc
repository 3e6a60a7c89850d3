#include "bench/fake_provider.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/json.h"
#include "base/status_macros.h"

namespace enrich::bench {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(60);

std::string PathOf(absl::string_view url) {
  const size_t host = url.find("//");
  return std::string(url.substr(url.find('/', host + 2)));
}

// "Lambert17" is 17.
int64_t IndexIn(absl::string_view name) {
  int64_t index = 0;
  static_cast<void>(
      absl::SimpleAtoi(name.substr(name.find_first_of("0123456789")), &index));
  return index;
}

}  // namespace

absl::StatusOr<std::unique_ptr<FakeProvider>> FakeProvider::Start() {
  auto provider = std::unique_ptr<FakeProvider>(new FakeProvider());
  ASSIGN_OR_RETURN(provider->server_,
                   NewHttpServer({}, {.on_request = [self = provider.get()](
                                                        HttpRequest request,
                                                        HttpResponder respond) {
                                   respond(self->Answer(request));
                                 }}));
  return provider;
}

HttpResponse FakeProvider::Answer(const HttpRequest& request) {
  const absl::StatusOr<json::Document> body =
      json::Document::Parse(request.body);
  if (request.method != "POST" || !body.ok()) {
    return {.status = 400,
            .body = R"({"code":"error.enrichment.in_progress"})"};
  }
  StartedJob job;
  const json::Value root = body->root();
  job.webhook_path = PathOf(root["webhook_url"].AsString());
  for (const json::Value contact : root["data"]) {
    job.keys.emplace_back(contact["custom"]["eg"].AsString());
  }
  job.first_contact = IndexIn(root["data"].at(0)["last_name"].AsString());
  MutexLock lock(&mu_);
  job.id = absl::StrCat("job-", ++next_id_);
  std::string answer = absl::StrCat(R"({"enrichment_id":")", job.id, "\"}");
  contacts_ += job.keys.size();
  jobs_.push_back(std::move(job));
  started_.SignalAll();
  return {.status = 200, .body = std::move(answer)};
}

absl::StatusOr<std::vector<StartedJob>> FakeProvider::TakeJobs(
    size_t contacts) {
  const absl::Time deadline = absl::Now() + kTimeout;
  MutexLock lock(&mu_);
  while (contacts_ < contacts && absl::Now() < deadline) {
    started_.WaitFor(&mu_, deadline - absl::Now());
  }
  if (contacts_ < contacts) {
    return absl::DeadlineExceededError(
        absl::StrCat("the gateway started jobs of ", contacts_, " of ",
                     contacts, " contacts"));
  }
  contacts_ = 0;
  return std::exchange(jobs_, {});
}

}  // namespace enrich::bench
