for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
timeout 250 node --experimental-vm-modules --no-warnings node_modules/jest/bin/jest.js --runInBand --forceExit --selectProjects lab --testPathPatterns 'cold-failures' -t 'starts clean' > /tmp/loop.$i.log 2>&1
grep -E "✓|✕" /tmp/loop.$i.log | tr '\n' ' ' >> /tmp/loop.sum; echo >> /tmp/loop.sum
grep -q DOG /tmp/loop.$i.log && break
done; echo done >> /tmp/loop.sum
