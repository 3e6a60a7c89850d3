#ifndef ENRICH_TESTS_FAKES_FAKE_WEBHOOK_SERVICE_H_
#define ENRICH_TESTS_FAKES_FAKE_WEBHOOK_SERVICE_H_

#include <grpcpp/server_context.h>

#include <deque>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "enrich/v1/webhook_service.grpc.pb.h"
#include "fakes/fake_token.h"

namespace enrich {

// Answers page by page. Thread-safe.
class FakeWebhookService final : public v1::WebhookService::Service {
 public:
  explicit FakeWebhookService(const FakeToken& token) : token_(token) {}

  // What the next calls answer, page by page; the last one for good.
  void SetPages(std::vector<v1::ListWebhooksResponse> pages) {
    MutexLock lock(&mu_);
    pages_ = {pages.begin(), pages.end()};
  }
  void SetReplays(std::vector<v1::ReplayWebhooksResponse> pages) {
    MutexLock lock(&mu_);
    replay_pages_ = {pages.begin(), pages.end()};
  }
  std::vector<v1::ListWebhooksRequest> lists() const {
    MutexLock lock(&mu_);
    return lists_;
  }
  std::vector<v1::ReplayWebhooksRequest> replays() const {
    MutexLock lock(&mu_);
    return replays_;
  }

  grpc::Status ListWebhooks(grpc::ServerContext* context,
                            const v1::ListWebhooksRequest* request,
                            v1::ListWebhooksResponse* response) override {
    MutexLock lock(&mu_);
    return Answer(*context, *request, lists_, pages_, *response);
  }
  grpc::Status ReplayWebhooks(grpc::ServerContext* context,
                              const v1::ReplayWebhooksRequest* request,
                              v1::ReplayWebhooksResponse* response) override {
    MutexLock lock(&mu_);
    return Answer(*context, *request, replays_, replay_pages_, *response);
  }

 private:
  // Notes the request, and takes the next page; the last one stays.
  template <typename Request, typename Page>
  grpc::Status Answer(const grpc::ServerContext& context,
                      const Request& request, std::vector<Request>& requests,
                      std::deque<Page>& pages, Page& page) const {
    requests.push_back(request);
    if (!pages.empty()) page = pages.front();
    if (pages.size() > 1) pages.pop_front();
    return token_.Check(context);
  }

  const FakeToken& token_;
  mutable Mutex mu_;
  std::deque<v1::ListWebhooksResponse> pages_ ABSL_GUARDED_BY(mu_);
  std::deque<v1::ReplayWebhooksResponse> replay_pages_ ABSL_GUARDED_BY(mu_);
  std::vector<v1::ListWebhooksRequest> lists_ ABSL_GUARDED_BY(mu_);
  std::vector<v1::ReplayWebhooksRequest> replays_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich

#endif  // ENRICH_TESTS_FAKES_FAKE_WEBHOOK_SERVICE_H_
