#include "base/executor.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace enrich {
namespace {

constexpr std::chrono::seconds kPatience(20);

// Whether the promise was kept within reason.
bool Kept(const std::future<void>& future) {
  return future.wait_for(kPatience) == std::future_status::ready;
}

// Runs everything posted so far.
void Drain(Executor& executor) {
  std::promise<void> done;
  executor.Post([&] { done.set_value(); });
  ASSERT_TRUE(Kept(done.get_future()));
}

// Calls back when destroyed, once.
class OnDestroy {
 public:
  explicit OnDestroy(Task task) : task_(std::move(task)) {}
  OnDestroy(OnDestroy&& other) noexcept
      : task_(std::exchange(other.task_, nullptr)) {}
  ~OnDestroy() {
    if (task_ != nullptr) task_();
  }

 private:
  Task task_;
};

std::string ThreadName() {
  char name[16] = {};
  pthread_getname_np(pthread_self(), name, sizeof(name));
  return name;
}

TEST(ThreadExecutor, RunsTasksInTheOrderPosted) {
  const auto executor = NewThreadExecutor("test");
  std::vector<int> order;
  for (int i = 0; i < 1000; ++i) {
    executor->Post([&order, i] { order.push_back(i); });
  }
  Drain(*executor);
  ASSERT_EQ(order.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(order[i], i);
}

TEST(ThreadExecutor, KeepsTheOrderOfEachPoster) {
  const auto executor = NewThreadExecutor("test");
  std::vector<std::vector<int>> seen(4);
  std::vector<std::thread> posters;
  for (int poster = 0; poster < 4; ++poster) {
    posters.emplace_back([&, poster] {
      for (int i = 0; i < 500; ++i) {
        executor->Post([&seen, poster, i] { seen[poster].push_back(i); });
      }
    });
  }
  for (std::thread& poster : posters) poster.join();
  Drain(*executor);
  for (const std::vector<int>& one : seen) {
    EXPECT_EQ(one.size(), 500u);
    EXPECT_TRUE(std::is_sorted(one.begin(), one.end()));
  }
}

TEST(ThreadExecutor, RunsDelayedTasksByTheirDueTime) {
  const auto executor = NewThreadExecutor("test");
  std::vector<int> order;
  std::promise<void> done;
  // In one task, so that none is due before the last is posted.
  executor->Post([&] {
    executor->PostAfter(absl::Milliseconds(30), [&] {
      order.push_back(3);
      done.set_value();
    });
    executor->PostAfter(absl::Milliseconds(10), [&] { order.push_back(2); });
    executor->PostAfter(absl::ZeroDuration(), [&] { order.push_back(0); });
    executor->PostAfter(-absl::Seconds(1), [&] { order.push_back(1); });
  });
  ASSERT_TRUE(Kept(done.get_future()));
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
}

TEST(ThreadExecutor, DoesNotRunADelayedTaskEarly) {
  const auto executor = NewThreadExecutor("test");
  const auto start = std::chrono::steady_clock::now();
  std::promise<void> done;
  executor->PostAfter(absl::Milliseconds(20), [&] { done.set_value(); });
  ASSERT_TRUE(Kept(done.get_future()));
  EXPECT_GE(std::chrono::steady_clock::now() - start,
            std::chrono::milliseconds(20));
}

TEST(ThreadExecutor, RunsTimersWhileTasksKeepComing) {
  const auto executor = NewThreadExecutor("test");
  std::atomic<bool> fired = false;
  std::promise<void> done;
  std::function<void()> again = [&] {
    if (fired) {
      done.set_value();
    } else {
      executor->Post([&] { again(); });
    }
  };
  executor->PostAfter(absl::Milliseconds(5), [&] { fired = true; });
  executor->Post([&] { again(); });
  EXPECT_TRUE(Kept(done.get_future()));
}

TEST(ThreadExecutor, TakesEndlessDelays) {
  const auto executor = NewThreadExecutor("test");
  executor->PostAfter(absl::InfiniteDuration(), [] { FAIL(); });
  Drain(*executor);
}

TEST(ThreadExecutor, NamesItsThreadCutTo15Characters) {
  const auto executor = NewThreadExecutor("a-rather-long-name");
  std::string name;
  executor->Post([&] { name = ThreadName(); });
  Drain(*executor);
  EXPECT_EQ(name, "a-rather-long-n");
}

TEST(ThreadExecutor, DestroysQueuedTasksUnrun) {
  int destroyed = 0;
  {
    const auto executor = NewThreadExecutor("test");
    std::promise<void> started;
    std::promise<void> release;
    executor->Post([&, released = release.get_future()] {
      started.set_value();
      released.wait();
    });
    executor->Post([token = OnDestroy([&] { ++destroyed; })] { FAIL(); });
    executor->PostAfter(absl::Hours(1),
                        [token = OnDestroy([&] { ++destroyed; })] { FAIL(); });
    ASSERT_TRUE(Kept(started.get_future()));
    std::thread stopper([&] { executor->Shutdown(); });
    // The first task may end once the executor is stopping, which shows in its
    // dropping what is posted. What was posted before is dropped later, by the
    // other thread.
    const auto dropped = std::make_shared<std::atomic<bool>>(false);
    while (!*dropped) {
      executor->Post(
          [token = OnDestroy([dropped] { *dropped = true; })] { FAIL(); });
      std::this_thread::yield();
    }
    release.set_value();
    stopper.join();
  }
  EXPECT_EQ(destroyed, 2);
}

TEST(ThreadExecutor, ShutdownWaitsForTheRunningTaskAndIsIdempotent) {
  const auto executor = NewThreadExecutor("test");
  std::promise<void> started;
  bool finished = false;
  executor->Post([&] {
    started.set_value();
    std::this_thread::yield();
    finished = true;
  });
  ASSERT_TRUE(Kept(started.get_future()));
  executor->Shutdown();
  EXPECT_TRUE(finished);
  executor->Shutdown();
}

TEST(ThreadExecutor, DropsWhatIsPostedAfterShutdown) {
  const auto executor = NewThreadExecutor("test");
  executor->Shutdown();
  int destroyed = 0;
  executor->Post([token = OnDestroy([&] { ++destroyed; })] { FAIL(); });
  executor->PostAfter(absl::Seconds(1),
                      [token = OnDestroy([&] { ++destroyed; })] { FAIL(); });
  EXPECT_EQ(destroyed, 2);
}

// A task's captures may post when they go: no lock may be held then.
TEST(ThreadExecutor, TasksMayPostFromTheirDestructors) {
  const auto executor = NewThreadExecutor("test");
  std::promise<void> posted;
  executor->Post([token = OnDestroy([&] {
                    executor->Post([&] { posted.set_value(); });
                  })] {});
  EXPECT_TRUE(Kept(posted.get_future()));
  executor->PostAfter(
      absl::Hours(1),
      [token = OnDestroy([&] { executor->Post([] { FAIL(); }); })] {});
  executor->Shutdown();
}

TEST(ThreadPool, RunsTasksSideBySide) {
  const auto pool = NewThreadPool("pool", 3);
  std::promise<void> first;
  std::promise<void> second;
  std::promise<void> done;
  // Neither can end before the other has begun.
  pool->Post([&] {
    first.set_value();
    second.get_future().wait();
  });
  pool->Post([&] {
    first.get_future().wait();
    second.set_value();
    done.set_value();
  });
  EXPECT_TRUE(Kept(done.get_future()));
}

TEST(ThreadPool, RunsEveryTaskOnce) {
  const auto pool = NewThreadPool("pool", 4);
  std::atomic<int> runs = 0;
  std::promise<void> done;
  for (int i = 0; i < 1000; ++i) {
    pool->Post([&] {
      if (++runs == 1000) done.set_value();
    });
  }
  ASSERT_TRUE(Kept(done.get_future()));
  EXPECT_EQ(runs, 1000);
}

TEST(ThreadPool, NamesAndNumbersItsThreads) {
  const auto pool = NewThreadPool("fetch", 1);
  std::string name;
  std::promise<void> done;
  pool->Post([&] {
    name = ThreadName();
    done.set_value();
  });
  ASSERT_TRUE(Kept(done.get_future()));
  EXPECT_EQ(name, "fetch-0");
}

TEST(ThreadPool, DestructorWaitsForRunningTasksAndDropsTheRest) {
  std::atomic<int> destroyed = 0;
  std::atomic<bool> finished = false;
  {
    std::promise<void> started;
    const auto pool = NewThreadPool("pool", 1);
    pool->Post([&] {
      started.set_value();
      // Posts for as long as the pool takes tasks: some are left over.
      for (int i = 0; i < 100; ++i) {
        pool->Post([token = OnDestroy([&] { ++destroyed; })] {});
      }
      finished = true;
    });
    ASSERT_TRUE(Kept(started.get_future()));
  }
  EXPECT_TRUE(finished);
  EXPECT_EQ(destroyed, 100);
}

}  // namespace
}  // namespace enrich
