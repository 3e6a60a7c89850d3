#ifndef ENRICH_TESTS_FAKES_FAKE_TOKEN_H_
#define ENRICH_TESTS_FAKES_FAKE_TOKEN_H_

#include <grpcpp/server_context.h>

#include <string>

#include "base/mutex.h"
#include "fakes/rich_status.h"

namespace enrich {

// The token that calls must carry; any call will do while it is empty.
// Thread-safe.
class FakeToken {
 public:
  void Set(const std::string& token) {
    MutexLock lock(&mu_);
    token_ = token;
  }

  grpc::Status Check(const grpc::ServerContext& context) const {
    MutexLock lock(&mu_);
    if (token_.empty()) return grpc::Status::OK;
    const auto found = context.client_metadata().find("authorization");
    if (found != context.client_metadata().end() &&
        std::string(found->second.data(), found->second.size()) ==
            "Bearer " + token_) {
      return grpc::Status::OK;
    }
    return RichStatus(grpc::StatusCode::UNAUTHENTICATED,
                      "The token is not known.", "CREDENTIAL_INVALID");
  }

 private:
  mutable Mutex mu_;
  std::string token_ ABSL_GUARDED_BY(mu_);
};

}  // namespace enrich

#endif  // ENRICH_TESTS_FAKES_FAKE_TOKEN_H_
