#include "fault/books.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "unit/rpc/grpc_errors.h"

namespace enrich {

Books::Books(const std::string& path)
    : fd_(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600)) {}

Books::~Books() { close(fd_); }

void Books::Tried(const std::string& request_id, Asked asked) {
  MutexLock lock(&mu_);
  WriteLine(absl::StrCat("try ", request_id, " ", asked.marks.size()));
  asked_[request_id] = std::move(asked);
}

void Books::Acknowledged(const std::string& request_id,
                         const std::string& batch_id) {
  MutexLock lock(&mu_);
  WriteLine(absl::StrCat("ack ", request_id, " ", batch_id));
  asked_[request_id].batch_id = batch_id;
}

std::map<std::string, Asked> Books::asked() const {
  MutexLock lock(&mu_);
  return asked_;
}

void Books::WriteLine(const std::string& text) {
  const std::string line = text + "\n";
  if (write(fd_, line.data(), line.size()) !=
          static_cast<ssize_t>(line.size()) ||
      fdatasync(fd_) != 0) {
    std::cerr << "cannot keep books" << std::endl;
    std::abort();
  }
}

void Refusals::Take(const grpc::Status& status) {
  MutexLock lock(&mu_);
  if (status.ok()) {
    ++accepted_after_;
  } else if (ReasonOf(status) == "STORE_UNAVAILABLE") {
    ++count_;
    accepted_after_ = 0;
    const auto retry = DetailOf<google::rpc::RetryInfo>(status);
    const bool says_when = retry && (retry->retry_delay().seconds() > 0 ||
                                     retry->retry_delay().nanos() > 0);
    without_delay_ += says_when ? 0 : 1;
  }
}

int Refusals::count() const {
  MutexLock lock(&mu_);
  return count_;
}

int Refusals::without_delay() const {
  MutexLock lock(&mu_);
  return without_delay_;
}

int Refusals::accepted_after() const {
  MutexLock lock(&mu_);
  return accepted_after_;
}

}  // namespace enrich
