raise ImportError("/usr/lib/python3/dist-packages/x.so: undefined symbol: _ZN3c104cuda9SetDeviceEi")
