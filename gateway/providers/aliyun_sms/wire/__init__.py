"""What driver and fake of Aliyun SMS share: signatures, error table, numbers, envelopes. Pure, without I/O."""
