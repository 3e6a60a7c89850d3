#ifndef ENRICH_TESTS_SCALE_RESULT_STREAM_H_
#define ENRICH_TESTS_SCALE_RESULT_STREAM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/mutex.h"
#include "enrich/v1/enrichment_service.pb.h"
#include "scale/stream_check.h"

namespace enrich::scale {

// Connections to a gateway, each with as many streams as it takes.
class Connections {
 public:
  Connections(int port, int streams);
  ~Connections();

 private:
  friend class ResultStream;
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

// How far a stream is.
struct StreamState {
  int64_t events = 0;
  int64_t contacts = 0;
  int64_t batches = 0;
  std::string digest = {};
  std::string token = {};
  // Whether history has ended.
  bool live = false;
  // Whether the stream has, and how; `oldest_token` where history is gone.
  bool ended = false;
  absl::Status status;
  std::string oldest_token = {};
  // The rule that its events broke, if any.
  std::string mistake = {};
};

// One WatchResults stream that checks what it reads and keeps none of it. Goes
// on elsewhere when the gateway hands it over. Thread-safe.
class ResultStream {
 public:
  // The `number` says which connection it takes.
  ResultStream(const Connections& connections, int number,
               v1::WatchResultsRequest request, StreamCheck check);
  // Cancels it, and waits for its end.
  ~ResultStream();
  ResultStream(const ResultStream&) = delete;
  ResultStream& operator=(const ResultStream&) = delete;

  void Cancel();

  StreamState state() const;
  // Cheap parts of it.
  int64_t contacts() const;
  bool HasEnded(int64_t batches) const;

 private:
  class Call;

  void Start() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void OnMessage(const v1::WatchResultsResponse& message);
  void OnDone(absl::Status status, std::string oldest_token);

  const Connections& connections_;
  const int number_;
  mutable Mutex mu_;
  CondVar changed_;
  v1::WatchResultsRequest request_ ABSL_GUARDED_BY(mu_);
  StreamCheck check_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<Call> call_ ABSL_GUARDED_BY(mu_);
  bool live_ ABSL_GUARDED_BY(mu_) = false;
  bool handover_ ABSL_GUARDED_BY(mu_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mu_);
  std::string oldest_token_ ABSL_GUARDED_BY(mu_);
};

// Where a stream can begin.
v1::WatchResultsRequest FromNow();
v1::WatchResultsRequest FromOldest();
v1::WatchResultsRequest After(const std::string& token);

}  // namespace enrich::scale

#endif  // ENRICH_TESTS_SCALE_RESULT_STREAM_H_
