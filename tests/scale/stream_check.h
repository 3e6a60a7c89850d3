#ifndef ENRICH_TESTS_SCALE_STREAM_CHECK_H_
#define ENRICH_TESTS_SCALE_STREAM_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "enrich/v1/result.pb.h"

namespace enrich::scale {

// Holds events to the rules of the result log: revisions grow, the sequence of
// each batch has no gap, every contact is answered once and corrected only
// after that, and a batch ends when all have their answer.
class StreamCheck {
 public:
  // `whole`: no batch begins before the first event does. `digest`: that of the
  // events before it.
  explicit StreamCheck(bool whole, std::string digest = {})
      : whole_(whole), digest_(std::move(digest)) {}

  void Take(const v1::ResultEvent& event);

  // The first rule that was broken; empty when none was.
  const std::string& mistake() const { return mistake_; }
  int64_t events() const { return events_; }
  // First answers, and batches ended.
  int64_t contacts() const { return contacts_; }
  int64_t batches() const { return batches_; }
  // Of all events, in order: equal for equal events.
  const std::string& digest() const { return digest_; }

 private:
  struct BatchState {
    int64_t last_sequence = 0;
    int64_t answered = 0;
    // By index. Freed when the batch ends: corrections may still come.
    std::vector<bool> contacts = {};
    bool finished = false;
    // Whether its first event was seen.
    bool whole = false;
  };

  void Expect(bool right, const char* rule, const v1::ResultEvent& event);
  BatchState& FindBatch(const v1::ResultEvent& event);
  void TakeContact(const v1::ResultEvent& event, BatchState& batch);
  void TakeEnd(const v1::ResultEvent& event, BatchState& batch);

  const bool whole_;
  std::string digest_;
  std::string mistake_;
  int64_t events_ = 0;
  int64_t contacts_ = 0;
  int64_t batches_ = 0;
  int64_t last_revision_ = 0;
  absl::flat_hash_map<std::string, BatchState> states_;
};

}  // namespace enrich::scale

#endif  // ENRICH_TESTS_SCALE_STREAM_CHECK_H_
