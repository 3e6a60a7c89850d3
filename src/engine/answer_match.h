#ifndef ENRICH_ENGINE_ANSWER_MATCH_H_
#define ENRICH_ENGINE_ANSWER_MATCH_H_

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "model/chunk.h"
#include "model/contact.h"
#include "provider/adapter.h"

// Which contacts of a chunk a provider speaks of.
namespace enrich {

// The key of an item in the provider's echo field, and back.
std::string ItemKey(const ChunkAttempt& attempt, size_t index);
std::optional<size_t> ItemIndex(const ChunkAttempt& attempt,
                                absl::string_view key, size_t item_count);

// Whether an item can be matched by what it repeats of a contact alone.
inline bool NeedsInputs(const ItemAnswer& item) {
  return item.key.empty() && item.echo.has_value();
}

// Matches the items of one answer with the contacts of its chunk. Lives for one
// answer.
class AnswerMatcher {
 public:
  // The contact of an item of the chunk, null when it is gone.
  using FindContact = absl::FunctionRef<const Contact*(const WorkItem&)>;

  // `by_fetch`: we asked for this very job, so that a position stands for a
  // missing key. In a push it does so only where there is just one. `find` is
  // called only for answers with items of which NeedsInputs is true.
  AnswerMatcher(const Chunk& chunk, const ChunkAttempt& attempt, bool by_fetch,
                FindContact find)
      : chunk_(chunk), attempt_(attempt), by_fetch_(by_fetch), find_(find) {}

  // Indexes into the chunk; empty when it is none of its contacts.
  std::vector<size_t> Match(const ItemAnswer& item);

 private:
  using Input = std::pair<InputEcho::Input, std::string>;

  void IndexInputs();
  void IndexInput(InputEcho::Input kind, const std::string& value,
                  size_t index);

  const Chunk& chunk_;
  const ChunkAttempt& attempt_;
  const bool by_fetch_;
  const FindContact find_;
  // The chunk's contacts by input, once one was asked for.
  bool indexed_ = false;
  std::map<Input, std::vector<size_t>> by_input_;
};

// The items of one answer, each with the contact of the chunk it is about.
class AnswerMatches {
 public:
  struct Match {
    // Into the chunk.
    size_t index = 0;
    // Of the answer, or a copy without a price: an answer for several contacts
    // is paid for once.
    const ItemAnswer* item = nullptr;
  };

  // `answer` must outlive it.
  AnswerMatches(AnswerMatcher matcher, const JobAnswer& answer);

  const std::vector<Match>& all() const { return all_; }
  // Items that are about none of the chunk's contacts.
  int unmatched() const { return unmatched_; }

 private:
  std::deque<ItemAnswer> uncharged_;
  std::vector<Match> all_;
  int unmatched_ = 0;
};

}  // namespace enrich

#endif  // ENRICH_ENGINE_ANSWER_MATCH_H_
